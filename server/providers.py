"""Providers that the settings choose. No other module names concrete ones; imports are late."""

import time
from typing import Any
from urllib.parse import urlsplit

from audio.interim_transcriber import InterimTranscriber
from audio.metering import LOCAL as METERED_LOCAL
from audio.providers.late_hosts import LateHosts
from audio.providers.openai_server import OPENAI_URL
from audio.providers.synthesizer_chain import SynthesizerChain
from audio.providers.transcriber_chain import TranscriberChain
from audio.smart_turn import TurnModel
from audio.speech import StreamingTranscriber, Synthesizer, Transcriber
from audio.voice_cache import VoiceCache
from server.provider_chains import LOCAL, SCRIPTED, ChainEntry, EntryKind
from server.remote_voices import remote_voice
from server.settings import Settings
from sessions.interviewer.language_model.fallback import FallbackInterviewer
from sessions.interviewer.language_model.langchain import language_model, scripted_interviewer
from sessions.interviewer.protocol import Interviewer
from sessions.listening.second_hearing import RatedTranscriber, SecondHearing
from sessions.listening.vad_ticker import VadTicker
from sessions.record.store import InterviewFacts
from sessions.record.turn_log import SessionLog
from sessions.session_context import Providers
from sessions.turntaking.rules import Rules


def make_providers(settings: Settings, log: SessionLog) -> Providers:
    """Return everything that sessions work with.

    Nothing heavy is loaded before the parts are warmed up. Raises SpeechRejected and
    InterviewerError for settings that cannot work.
    """
    late = LateHosts(time.monotonic)
    voices, hearing = make_synthesizer(settings, late), make_transcriber(settings, late)
    voice = VoiceCache(voices, settings.voice_cache_mb * 1_000_000)
    transcriber = InterimTranscriber(
        hearing,
        lambda: settings.whisper_workers if hearing.chain.next_host == METERED_LOCAL else None,
    )
    interviewer = make_interviewer(settings, late)
    second = make_second_hearing(settings)
    return Providers(
        interviewer=interviewer,
        streaming=make_streaming_transcriber(settings),
        transcriber=transcriber if second is None else RatedTranscriber(transcriber, second),
        second_hearing=second,
        synthesizer=voice,
        vad_ticker=VadTicker(),
        log=log,
        turn_model=make_turn_model(settings),
        interim=transcriber.interim if settings.live_captions else None,
        voice_ahead=voice.prefetch,
        troubles={"hearing": hearing.chain.trouble, "speaking": voices.chain.trouble},
    )


def make_transcriber(settings: Settings, late: LateHosts | None = None) -> TranscriberChain:
    """Return who hears, by VIVA_STT: OpenAI, servers that speak its API, or Whisper here."""
    return TranscriberChain(
        [_transcriber(settings, entry) for entry in settings.stt_chain], late=late
    )


def _transcriber(settings: Settings, entry: ChainEntry) -> tuple[str, Transcriber]:
    if entry == LOCAL:
        from audio.local_whisper import LocalWhisper

        whisper = LocalWhisper(
            settings.whisper_model, settings.whisper_workers, settings.whisper_queue
        )
        return METERED_LOCAL, whisper
    from audio.providers.openai_speech import OpenAITranscriber

    key, address, host = _server(settings, entry)
    return host, OpenAITranscriber(
        key,
        address,
        entry.model or settings.openai_stt_model,
        timeout_s=settings.openai_timeout_s,
        max_retries=settings.openai_max_retries,
    )


def make_streaming_transcriber(settings: Settings) -> StreamingTranscriber | None:
    """Return what hears candidates while they speak, None where they are heard at pauses."""
    kind = settings.stt_streaming_choice
    if kind == "off":
        return None
    from audio.providers.live_transcription.dialects import LiveDialect, OpenAIDialect, VllmDialect
    from audio.providers.live_transcription.transcriber import LiveTranscriber

    dialect: LiveDialect = (
        VllmDialect() if kind == "vllm" else OpenAIDialect(model_in_query=kind == "gateway")
    )
    return LiveTranscriber(
        _key(settings), settings.openai_base_url, settings.openai_live_stt_model, dialect
    )


def make_second_hearing(settings: Settings) -> SecondHearing | None:
    """Return what hears short answers beside a provider, None where this process hears alone."""
    if settings.stt_choice == EntryKind.LOCAL or not settings.second_hearing:
        return None
    from audio.local_whisper import LocalWhisper

    local = LocalWhisper(settings.whisper_model, settings.whisper_workers, settings.whisper_queue)
    return SecondHearing(local)


def make_synthesizer(settings: Settings, late: LateHosts | None = None) -> SynthesizerChain:
    """Return the voices of VIVA_TTS: OpenAI, servers that speak its API, that of this process."""
    return SynthesizerChain(
        [_synthesizer(settings, entry) for entry in settings.tts_chain], late=late
    )


def _synthesizer(settings: Settings, entry: ChainEntry) -> tuple[str, Synthesizer]:
    if entry == LOCAL:
        from audio.local_voice import LocalVoice

        voice = LocalVoice(settings.local_tts_voice, settings.tts_workers, settings.tts_queue)
        return METERED_LOCAL, voice
    key, address, host = _server(settings, entry)
    return host, remote_voice(settings, key, address, entry.model, entry.voice)


def _server(settings: Settings, entry: ChainEntry) -> tuple[str | None, str | None, str]:
    """Return the key, the address and the host of a remote entry.

    The key goes to OpenAI and to OPENAI_BASE_URL, and to no other address.
    """
    own = (settings.openai_base_url or "").rstrip("/")
    if entry.kind is EntryKind.ADDRESS and entry.address != own:
        return None, entry.address, entry.host
    host = urlsplit(settings.openai_base_url or OPENAI_URL).netloc.rpartition("@")[2]
    return _key(settings), settings.openai_base_url, host


def make_turn_model(settings: Settings) -> TurnModel | None:
    """Return the model that scores how finished an answer sounds, if one is configured."""
    if settings.smart_turn_model is None:
        return None
    from audio.smart_turn import SmartTurn

    return SmartTurn(settings.smart_turn_model)


def make_interviewer(settings: Settings, late: LateHosts | None = None) -> Interviewer:
    """Return the interviewers of VIVA_LLM, the scripted one last, or that one alone."""
    scripted = scripted_interviewer(settings.memory_token_budget)
    models = [entry for entry in settings.llm_chain if entry != SCRIPTED]
    if not models:
        return scripted
    members = [_interviewer(settings, entry) for entry in models]
    return FallbackInterviewer(
        *(interviewer for _, interviewer in members),
        scripted,
        hosts=[host for host, _ in members],
        budget_s=settings.llm_first_token_timeout_s,
        late=late,
    )


def _interviewer(settings: Settings, entry: ChainEntry) -> tuple[str, Interviewer]:
    """Return a language model and the host it is asked at ("" where its package knows it)."""
    key, address, host = _server(settings, entry)
    name = entry.model or settings.llm_model
    label = None
    if entry.kind is EntryKind.ADDRESS:
        model = entry.model or name.partition(":")[2]
        name, label = f"openai:{model}", f"{model} at {host}"
    elif not name.startswith("openai:"):
        host = ""
    return host, language_model(
        name,
        label=label,
        temperature=settings.llm_temperature,
        effort=settings.llm_reasoning_effort,
        api_key=key,
        base_url=address,
        first_token_timeout_s=settings.llm_first_token_timeout_s,
        between_tokens_timeout_s=settings.llm_between_tokens_timeout_s,
        max_retries=settings.openai_max_retries,
        memory_token_budget=settings.memory_token_budget,
    )


def rules_for(settings: Settings, facts: InterviewFacts) -> Rules:
    """Return the turn-taking rules of one interview."""
    changed: dict[str, Any] = {**settings.turn_rules}
    return Rules(
        **changed,
        endpoint_silence_ms=settings.endpoint_silence_ms,
        accommodation=facts.accommodation or settings.accommodation,
        speculation_per_minute=settings.speculation_per_minute,
        time_limit_ms=facts.time_limit_s * 1000.0,
        leg_grace_ms=settings.leg_grace_s * 1000,
    )


def _key(settings: Settings) -> str | None:
    key = settings.openai_api_key
    return None if key is None else key.get_secret_value()
