"""Remote voices: which adapter, model and voice speak at an address, by the settings."""

from audio.providers.realtime_models import default_voice, is_openai, is_realtime_model
from audio.speech import Synthesizer
from server.settings import ENDPOINT_TTS_MODEL, PROFILE_MODELS, Settings


def remote_voice(
    settings: Settings, key: str | None, address: str | None, model: str = "", voice: str = ""
) -> Synthesizer:
    """Return the voice at `address` (None: OpenAI's own), over its Realtime socket or endpoint.

    `model` and `voice` are those named for this address, "" for those of the settings. Raises
    SpeechRejected if they cannot work.
    """
    model = model or model_at(settings, address)
    from audio.providers.openai_speech import OpenAISynthesizer
    from audio.providers.realtime_voice import RealtimeSynthesizer

    return (RealtimeSynthesizer if is_realtime_model(model) else OpenAISynthesizer)(
        key,
        address,
        model,
        voice or _voice_of(settings, model),
        first_byte_timeout_s=settings.openai_first_byte_timeout_s,
        between_chunks_timeout_s=settings.openai_between_chunks_timeout_s,
        max_retries=settings.openai_max_retries,
    )


def model_at(settings: Settings, address: str | None) -> str:
    """Return the model that speaks at an address where none is named for it."""
    if "openai_tts_model" in settings.model_fields_set:
        return settings.openai_tts_model
    if is_openai(address):
        return PROFILE_MODELS[settings.profile]["openai_tts_model"]
    return ENDPOINT_TTS_MODEL


def _voice_of(settings: Settings, model: str) -> str:
    named = "openai_tts_voice" in settings.model_fields_set
    return settings.openai_tts_voice if named else default_voice(model)
