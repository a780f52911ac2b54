"""Model checks of the doctor: speech to text, text to speech, language, and retirements."""

import importlib.util
import os
import time
from datetime import date

import numpy as np

from audio.speech import SPEECH_RATE, SpeechError
from server.doctor.report import CheckStatus, DoctorContext, Finding, fail, ok, warn
from server.provider_chains import OPENAI, EntryKind
from server.retirements import models_in_use, warnings_for
from server.settings import Settings
from sessions.interviewer.protocol import InterviewerError

OPENAI_TIMEOUT_S = 5.0
REPLY_TIMEOUT_S = 15.0
"""Time within which a model must have said one word; one that thinks takes its time."""

SLOW_SECOND_MS = 1_000.0
"""Time to transcribe a second of speech from which on every answer waits."""

SAMPLE_SENTENCE = "This is how your interviewer sounds."

PACKAGES = {
    "anthropic": "langchain_anthropic",
    "azure_ai": "langchain_azure_ai",
    "azure_openai": "langchain_openai",
    "bedrock": "langchain_aws",
    "bedrock_converse": "langchain_aws",
    "google_anthropic_vertex": "langchain_google_vertexai",
    "google_genai": "langchain_google_genai",
    "google_vertexai": "langchain_google_vertexai",
}
"""Package of a provider, as LangChain's init_chat_model names providers; where it is not listed it
is `langchain_` and the provider's name."""

KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "azure_openai": "AZURE_OPENAI_API_KEY",
    "cohere": "COHERE_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "xai": "XAI_API_KEY",
}
"""Variable in which a provider's LangChain package looks for its key."""


def uses_openai(settings: Settings) -> list[str]:
    """Return the parts that use OpenAI, in words."""
    parts = {
        "speech to text": OPENAI in settings.stt_chain,
        "text to speech": OPENAI in settings.tts_chain,
        "interviewer": any(
            (entry.model or settings.llm_model).startswith("openai:")
            for entry in settings.llm_chain
            if entry.kind is EntryKind.MODEL
        ),
    }
    return [part for part, used in parts.items() if used]


async def check_openai(context: DoctorContext) -> Finding:
    """Check that OpenAI, or the server at OPENAI_BASE_URL, answers and accepts the key."""
    settings = context.settings
    parts = uses_openai(settings)
    if not parts:
        return ok("not used")
    import openai

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    where = settings.openai_base_url or "OpenAI"
    seen = f"{where}, for {', '.join(parts)}"
    try:
        async with openai.AsyncOpenAI(
            api_key=key,
            base_url=settings.openai_base_url,
            timeout=OPENAI_TIMEOUT_S,
            max_retries=0,
        ) as client:
            listed = await client.models.list()
            context.openai_models = {m.id: _day(m.shutdown_date) for m in listed.data}
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        context.openai_refused = True
        return fail(f"{seen}: the key was refused ({error.status_code})", "Check OPENAI_API_KEY.")
    except openai.APIConnectionError:
        context.openai_refused = True
        return fail(
            f"{seen}: cannot be reached",
            "Check the network and OPENAI_BASE_URL, or unset both to run with local models.",
        )
    except openai.APIStatusError as error:
        return warn(f"{seen}: answers {error.status_code} when asked for its models", _UNLISTED)
    except (openai.OpenAIError, TypeError, ValueError, AttributeError):
        return warn(f"{seen}: answers, but with no list of models", _UNLISTED)
    return ok(f"{seen}: answers, key accepted")


_UNLISTED = "Whether the models are there shows in the first interview: try `viva demo`."


async def check_speech_to_text(context: DoctorContext) -> Finding:
    """Check that local Whisper transcribes a second, or that OpenAI lists its model."""
    settings = context.settings
    if settings.stt_choice == EntryKind.OPENAI:
        return _listed(context, settings.openai_stt_model, "VIVA_OPENAI_STT_MODEL")
    if settings.stt_choice == EntryKind.ADDRESS:
        return ok(f"{settings.stt_chain[0].address} (not called)")
    from audio.local_whisper import LocalWhisper

    whisper = LocalWhisper(settings.whisper_model, workers=1, queue_limit=1)
    noise = np.random.default_rng(1).integers(-300, 300, SPEECH_RATE).astype(np.int16)
    try:
        began = time.monotonic()
        await whisper.warm_up()
        loaded = time.monotonic() - began
        heard = await whisper.transcribe(noise)
    except SpeechError as error:
        return fail(str(error))
    finally:
        await whisper.close()
    seen = (
        f"local, {whisper.model}: loaded in {loaded:.1f} s,"
        f" a second of sound takes {heard.compute_ms:.0f} ms"
    )
    if heard.compute_ms > SLOW_SECOND_MS:
        return warn(seen, "Too slow to talk with: choose a smaller VIVA_WHISPER_MODEL, or OpenAI.")
    return ok(seen)


async def check_text_to_speech(context: DoctorContext) -> Finding:
    """Check that the local voice speaks a sentence, or that OpenAI lists its model."""
    settings = context.settings
    if settings.tts_choice == EntryKind.OPENAI:
        return _listed(context, settings.openai_tts_model, "VIVA_OPENAI_TTS_MODEL")
    if settings.tts_choice == EntryKind.ADDRESS:
        return ok(f"{settings.tts_chain[0].address} (not called)")
    from audio.local_voice import LocalVoice

    voice = LocalVoice(settings.local_tts_voice, workers=1, queue_limit=1)
    try:
        await voice.warm_up()
        began = time.monotonic()
        spoken = sum([len(piece) async for piece in voice.speak(SAMPLE_SENTENCE)])
        took = time.monotonic() - began
    except SpeechError as error:
        return fail(str(error), "Set VIVA_LOCAL_TTS_VOICE=heart, which is included.")
    finally:
        await voice.close()
    seconds = spoken / 2 / voice.sample_rate
    seen = f"local, {voice.model}: {seconds:.1f} s of speech take {took * 1000:.0f} ms"
    if spoken == 0 or took > seconds:
        return warn(seen, "Too slow to talk with: use OpenAI for VIVA_TTS, or a faster machine.")
    return ok(seen)


async def check_language_model(context: DoctorContext) -> Finding:
    """Check that the interviewer's model replies; of other providers, that all is there for it."""
    settings = context.settings
    if settings.llm_choice == EntryKind.SCRIPTED:
        return ok("scripted: follows the plan, needs nothing")
    if settings.llm_choice == EntryKind.ADDRESS:
        return ok(f"{settings.llm_chain[0].address} (not called)")
    name = settings.llm_chain[0].model or settings.llm_model
    provider, _, model = name.partition(":")
    if provider == "openai":
        listed = _listed(context, model, "VIVA_LLM_MODEL")
        return (
            listed if listed.status is CheckStatus.FAIL else await _replies(settings, name, listed)
        )
    package = PACKAGES.get(provider, f"langchain_{provider}")
    if importlib.util.find_spec(package) is None:
        return fail(
            f"{name}: the package of its provider is missing",
            f"Install it: uv pip install {package.replace('_', '-')}",
        )
    key = KEYS.get(provider)
    if key and not os.environ.get(key):
        return fail(f"{name}: {key} is not set", f"Set {key} in the environment.")
    return ok(f"{name}: package {package} and key are there (not called)")


async def check_retirements(context: DoctorContext) -> Finding:
    """Check that no model that is used ends within 90 days."""
    models = models_in_use(context.settings)
    announced = {
        model: end for model, end in (context.openai_models or {}).items() if end is not None
    }
    sentences = warnings_for(models, context.today, announced=announced)
    advice = "Name another model in VIVA_OPENAI_STT_MODEL, VIVA_OPENAI_TTS_MODEL or VIVA_LLM_MODEL."
    if any("was retired" in sentence for sentence in sentences):
        return fail(" ".join(sentences), advice)
    if sentences:
        return warn(" ".join(sentences), advice)
    return ok("none within 90 days" if models else "no model that could be retired")


async def _replies(settings: Settings, name: str, listed: Finding) -> Finding:
    """Ask the model for one word, with the parameters of an interview."""
    from sessions.interviewer.language_model.chat_models import try_out

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    began = time.monotonic()
    try:
        await try_out(
            name,
            temperature=settings.llm_temperature,
            api_key=key,
            base_url=settings.openai_base_url,
            timeout_s=REPLY_TIMEOUT_S,
        )
    except InterviewerError as error:
        return fail(str(error), _NO_REPLY)
    return ok(f"{listed.seen}: replies in {time.monotonic() - began:.1f} s")


_NO_REPLY = "Until the model replies, interviews are held by the script: see VIVA_LLM_MODEL."


def _listed(context: DoctorContext, model: str, variable: str) -> Finding:
    if context.openai_refused:
        return fail(f"OpenAI, {model}: not reached", "See the line on OpenAI.")
    if context.openai_models and model not in context.openai_models:
        return fail(f"OpenAI, {model}: not among the models of this key", f"Correct {variable}.")
    known = "" if context.openai_models else " (whether it is there is not known)"
    return ok(f"OpenAI, {model}{known}")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
