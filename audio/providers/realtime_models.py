"""Realtime models: which names speak over the Realtime socket, in which voices, and where.

Asked by the settings before anything is loaded, so that nothing is imported here.
"""

from urllib.parse import urlsplit

REALTIME_MODELS = "gpt-realtime"
"""Beginning of the names of models that speak over the Realtime socket alone."""

REALTIME_VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip
"""Voices of these models (openai 3.54); those of the speech endpoint are partly others."""

REALTIME_VOICE = "marin"
"""Voice that is used where none is named: with cedar the one that OpenAI recommends."""

ENDPOINT_VOICE = "alloy"
"""Voice of the speech endpoint that is used where none is named."""

OWN_VOICE = "voice_"
"""Beginning of the ids of voices made for an account."""

_OPENAI_HOST = "api.openai.com"


def is_realtime_model(model: str) -> bool:
    """Return whether a model speaks over the Realtime socket."""
    return model.lower().startswith(REALTIME_MODELS)


def default_voice(model: str) -> str:
    """Return the voice of a model where none is named."""
    return REALTIME_VOICE if is_realtime_model(model) else ENDPOINT_VOICE


def voice_problem(voice: str) -> str:
    """Return a sentence on a voice that Realtime models do not have, "" for one they have."""
    if voice in REALTIME_VOICES or voice.startswith(OWN_VOICE):
        return ""
    return (
        f"VIVA_OPENAI_TTS_VOICE is '{voice}', but the voices of Realtime models are"
        f" {', '.join(REALTIME_VOICES)}; the speech endpoint has others (name a model of it in"
        " VIVA_OPENAI_TTS_MODEL)."
    )


def is_openai(base_url: str | None) -> bool:
    """Return whether an address is OpenAI's own, in whatever region; None is."""
    try:
        host = urlsplit(base_url or f"https://{_OPENAI_HOST}").hostname or ""
    except ValueError:
        return False
    return host == _OPENAI_HOST or host.endswith("." + _OPENAI_HOST)
