"""Providers that the settings choose. No other module names concrete ones; imports are late."""

from typing import Any

from audio.interim_transcriber import InterimTranscriber
from audio.smart_turn import TurnModel
from audio.speech import StreamingTranscriber, Synthesizer, Transcriber
from audio.voice_cache import VoiceCache
from server.remote_voices import remote_voice
from server.settings import Settings
from sessions.interviewer.language_model.langchain import model_interviewer, scripted_interviewer
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
    voice = VoiceCache(make_synthesizer(settings), settings.voice_cache_mb * 1_000_000)
    workers = None if settings.stt_choice == "openai" else settings.whisper_workers
    transcriber = InterimTranscriber(make_transcriber(settings), workers)
    second = make_second_hearing(settings)
    return Providers(
        interviewer=make_interviewer(settings),
        streaming=make_streaming_transcriber(settings),
        transcriber=transcriber if second is None else RatedTranscriber(transcriber, second),
        second_hearing=second,
        synthesizer=voice,
        vad_ticker=VadTicker(),
        log=log,
        turn_model=make_turn_model(settings),
        interim=transcriber.interim if settings.live_captions else None,
        voice_ahead=voice.prefetch,
    )


def make_transcriber(settings: Settings) -> Transcriber:
    """Return OpenAI's transcriber, or Whisper in this process."""
    if settings.stt_choice == "openai":
        from audio.providers.openai_speech import OpenAITranscriber

        return OpenAITranscriber(
            _key(settings),
            settings.openai_base_url,
            settings.openai_stt_model,
            timeout_s=settings.openai_timeout_s,
            max_retries=settings.openai_max_retries,
        )
    from audio.local_whisper import LocalWhisper

    return LocalWhisper(settings.whisper_model, settings.whisper_workers, settings.whisper_queue)


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
    if settings.stt_choice != "openai" or not settings.second_hearing:
        return None
    from audio.local_whisper import LocalWhisper

    local = LocalWhisper(settings.whisper_model, settings.whisper_workers, settings.whisper_queue)
    return SecondHearing(local)


def make_synthesizer(settings: Settings) -> Synthesizer:
    """Return OpenAI's synthesizer, of the socket or the endpoint, or the voice in this process."""
    if settings.tts_choice == "openai":
        return remote_voice(settings, _key(settings), settings.openai_base_url)
    from audio.local_voice import LocalVoice

    return LocalVoice(settings.local_tts_voice, settings.tts_workers, settings.tts_queue)


def make_turn_model(settings: Settings) -> TurnModel | None:
    """Return the model that scores how finished an answer sounds, if one is configured."""
    if settings.smart_turn_model is None:
        return None
    from audio.smart_turn import SmartTurn

    return SmartTurn(settings.smart_turn_model)


def make_interviewer(settings: Settings) -> Interviewer:
    """Return the language model with the scripted interviewer as backup, or that one alone."""
    if settings.llm_choice == "scripted":
        return scripted_interviewer(settings.memory_token_budget)
    return model_interviewer(
        settings.llm_model,
        temperature=settings.llm_temperature,
        effort=settings.llm_reasoning_effort,
        api_key=_key(settings),
        base_url=settings.openai_base_url,
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
