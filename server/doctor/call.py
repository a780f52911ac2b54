"""Trial calls of the doctor: speaks, hears and asks once, through the providers that are set.

Each call tells how long it took and what it cost at the prices of the table of known models. They
are made only when they are asked for: providers charge for them.
"""

import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager

import numpy as np
from numpy.typing import NDArray

from audio.metering import METER, Consumption
from audio.providers.known_models import price_of
from audio.resample import resample
from audio.speech import SPEECH_RATE, SpeechError
from server.doctor.report import DoctorContext, Finding, fail, ok, warn
from server.settings import Settings
from sessions.interviewer.protocol import Conversation, InterviewerError, Usage
from sessions.turntaking.causes import Cause

SENTENCE = "Good morning, and thank you for coming in. How was your journey today?"
"""What is said, and then heard."""

LEAST_AGREEMENT = 0.6
"""Share of the words said that must be heard: a voice or an ear that is wrong loses more."""

SLOW_VOICE_MS = SLOW_REPLY_MS = 1_500.0
SLOW_HEARING_MS = 2_500.0
"""Times from which on a conversation is no pleasure: to the first sound, to the first word, to the
text of a short answer."""


async def call_voice(context: DoctorContext) -> Finding:
    """Have a sentence spoken; keep the sound to be heard."""
    from server.providers import make_synthesizer

    used: list[Consumption] = []
    try:
        voice = make_synthesizer(context.settings).chain.links[0].provider
    except SpeechError as error:
        return fail(str(error), _VOICE)
    try:
        with _metered(used):
            await voice.warm_up()
            began, first_ms, sound = time.monotonic(), 0.0, bytearray()
            async for piece in voice.speak(SENTENCE):
                first_ms = first_ms or (time.monotonic() - began) * 1_000
                sound += piece
    except SpeechError as error:
        return fail(str(error), _VOICE)
    finally:
        await voice.close()
    samples = np.frombuffer(bytes(sound[: len(sound) // 2 * 2]), np.int16)
    if not samples.any():
        return fail(f"{voice.model} sent no sound", _VOICE)
    context.spoken = resample(samples, voice.sample_rate, SPEECH_RATE)
    seen = (
        f"{voice.model}: first sound after {first_ms:.0f} ms,"
        f" {samples.size / voice.sample_rate:.1f} s of speech; {_bill(used)}"
    )
    return _slow(seen, first_ms, SLOW_VOICE_MS, _VOICE)


async def call_hearing(context: DoctorContext) -> Finding:
    """Have the sentence transcribed that the voice has spoken, or the local one."""
    from server.providers import make_transcriber

    spoken = context.spoken if context.spoken is not None else await _local_sound(context.settings)
    used: list[Consumption] = []
    try:
        transcriber = make_transcriber(context.settings).chain.links[0].provider
    except SpeechError as error:
        return fail(str(error), _HEARING)
    try:
        with _metered(used):
            await transcriber.warm_up()
            began = time.monotonic()
            heard = await transcriber.transcribe(spoken)
            took_ms = (time.monotonic() - began) * 1_000
    except SpeechError as error:
        return fail(str(error), _HEARING)
    finally:
        await transcriber.close()
    share = agreement(SENTENCE, heard.text)
    seen = (
        f"{transcriber.model}: {spoken.size / SPEECH_RATE:.1f} s of speech heard in"
        f" {took_ms:.0f} ms,"
        f" {share:.0%} of the words; {_bill(used)}"
    )
    if share < LEAST_AGREEMENT:
        return warn(
            f'{seen}; it heard "{heard.text[:120]}"', "Check the voice, then the transcriber."
        )
    return _slow(seen, took_ms, SLOW_HEARING_MS, _HEARING)


async def call_interviewer(context: DoctorContext) -> Finding:
    """Have the interviewer write the first reply of the demonstration's interview."""
    from server.providers import make_interviewer
    from sessions.interviewer.language_model.langchain import SCRIPTED
    from sessions.plan.plan import demo_plan

    settings = context.settings
    used: list[Consumption] = []
    usage, first_ms = Usage(SCRIPTED), 0.0
    try:
        interviewer = make_interviewer(settings)
        try:
            with _metered(used):
                await interviewer.warm_up()
                opening = Conversation(demo_plan(), "Ada", "en", (), Cause.OPENING)
                began = time.monotonic()
                async with aclosing(interviewer.reply(opening)) as parts:
                    async for part in parts:
                        if isinstance(part, str):
                            first_ms = first_ms or (time.monotonic() - began) * 1_000
                        elif isinstance(part, Usage):
                            usage = part
        finally:
            await interviewer.close()
    except InterviewerError as error:
        return fail(str(error), _MODEL)
    if settings.llm_choice == "model" and usage.model == SCRIPTED:
        reason = await _why_silent(settings)
        return fail(f"{interviewer.model}: the script stepped in{reason}", _MODEL)
    seen = f"{usage.model}: first words after {first_ms:.0f} ms; {_bill(used)}{_refusals()}"
    return _slow(seen, first_ms, SLOW_REPLY_MS, _MODEL)


CALLS: dict[str, Callable[[DoctorContext], Awaitable[Finding]]] = {
    "Call: voice": call_voice,
    "Call: hearing": call_hearing,
    "Call: interviewer": call_interviewer,
}
"""Trial calls by name, in this order: what the voice has said is heard."""


def agreement(said: str, heard: str) -> float:
    """Return the share of the words said that were heard."""
    words, found = _words(said), set(_words(heard))
    return sum(word in found for word in words) / max(1, len(words))


# --- helpers ----------------------------------------------------------------------------------

_VOICE = "See the lines on OpenAI and on text to speech; VIVA_TTS=local needs nobody."
_HEARING = "See the lines on OpenAI and on speech to text; VIVA_STT=local needs nobody."
_MODEL = "See VIVA_LLM_MODEL; until the model replies, interviews are held by the script."


@contextmanager
def _metered(used: list[Consumption]) -> Iterator[None]:
    """Gather what calls use in a list."""
    token = METER.set(used.append)
    try:
        yield
    finally:
        METER.reset(token)


def _bill(used: list[Consumption]) -> str:
    """Return what calls cost, in words."""
    prices = [(call, price_of(call)) for call in used]
    unpriced = {call.model for call, price in prices if price is None}
    cents = 100 * sum(price.usd(call) for call, price in prices if price is not None)
    if unpriced:
        return f"the price of {', '.join(sorted(unpriced))} is not known"
    return f"{cents:.4f} cents" if cents else "free of charge"


def _slow(seen: str, took_ms: float, limit_ms: float, advice: str) -> Finding:
    if took_ms > limit_ms:
        return warn(f"{seen}; that is slow", f"Try again, or another model or server. {advice}")
    return ok(seen)


def _refusals() -> str:
    from sessions.interviewer.language_model.learnt_refusals import all_learnt

    told = [f"{model} at {server}: {what}" for (server, model), what in all_learnt().items()]
    return f"; refused: {'; '.join(told)}" if told else ""


async def _why_silent(settings: Settings) -> str:
    """Return why a model does not reply, as a clause; "" if it does now."""
    from sessions.interviewer.language_model.chat_models import try_out

    key = settings.openai_api_key
    try:
        await try_out(
            settings.llm_model,
            temperature=settings.llm_temperature,
            api_key=key.get_secret_value() if key else None,
            base_url=settings.openai_base_url,
            timeout_s=15.0,
        )
    except InterviewerError as error:
        return f" ({error})"
    return " (asked again, it replied)"


async def _local_sound(settings: Settings) -> NDArray[np.int16]:
    from audio.local_voice import LocalVoice

    voice = LocalVoice(settings.local_tts_voice, workers=1, queue_limit=1)
    try:
        await voice.warm_up()
        sound = b"".join([piece async for piece in voice.speak(SENTENCE)])
    finally:
        await voice.close()
    return resample(np.frombuffer(sound, np.int16), voice.sample_rate, SPEECH_RATE)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())
