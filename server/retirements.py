"""Retirements of models: which have an announced end, and the warnings about those in use.

The dates are those that OpenAI's own Python package 3.54 states in the docstrings of its lists of
models (`openai.types.shared.chat_model`, `audio_model`, `audio.speech_model`).
"""

from collections.abc import Iterable, Mapping
from datetime import date

from server.settings import Settings

WARN_WITHIN_DAYS = 90


def models_in_use(settings: Settings) -> list[str]:
    """Return the remote models that these settings choose; local ones do not retire."""
    used = {
        settings.openai_stt_model: settings.stt_choice == "openai",
        settings.openai_tts_model: settings.tts_choice == "openai",
        settings.llm_model: settings.llm_choice == "model",
    }
    return [model for model, chosen in used.items() if chosen]


def warnings_for(
    models: Iterable[str],
    today: date,
    within_days: int = WARN_WITHIN_DAYS,
    announced: Mapping[str, date] | None = None,
) -> list[str]:
    """Return a sentence for each of `models` whose retirement is past or near.

    Near is at most `within_days` away. Sentences come in the order of the models, each model once.
    `announced` adds dates that the provider has announced for models that the table does not know.
    """
    sentences = []
    for model in dict.fromkeys(models):
        end = retirement_of(model) or (announced or {}).get(model.removeprefix("openai:"))
        if end is None or (end - today).days > within_days:
            continue
        days = (end - today).days
        if days < 0:
            sentences.append(
                f"The model {model} was retired on {end:%Y-%m-%d}: choose another one."
            )
        else:
            when = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
            sentences.append(
                f"The model {model} will be retired on {end:%Y-%m-%d}, {when}: choose another one."
            )
    return sentences


def retirement_of(model: str) -> date | None:
    """Return the announced last day of a model, None where none is known.

    A model may carry its provider, as in `openai:gpt-5.4`; only OpenAI's are known (under
    `azure_openai:` a name is a deployment's, and its dates are Azure's).
    """
    provider, _, name = model.rpartition(":")
    return _RETIREMENTS.get(name) if provider in ("", "openai") else None


_BY_DATE: dict[str, tuple[str, ...]] = {
    "2024-09-13": (
        "gpt-3.5-turbo-16k",
        "gpt-3.5-turbo-0301",
        "gpt-3.5-turbo-0613",
        "gpt-3.5-turbo-16k-0613",
    ),
    "2024-12-06": ("gpt-4-vision-preview",),
    "2025-06-06": ("gpt-4-32k", "gpt-4-32k-0314", "gpt-4-32k-0613"),
    "2025-07-28": ("o1-preview", "o1-preview-2024-09-12"),
    "2025-10-10": ("gpt-4o-audio-preview-2024-10-01",),
    "2025-10-27": ("o1-mini", "o1-mini-2024-09-12"),
    "2026-02-12": ("codex-mini-latest",),
    "2026-02-17": ("chatgpt-4o-latest",),
    "2026-03-26": ("gpt-4-0125-preview", "gpt-4-turbo-preview", "gpt-4-0314"),
    "2026-05-07": (
        "gpt-4o-audio-preview",
        "gpt-4o-audio-preview-2024-12-17",
        "gpt-4o-audio-preview-2025-06-03",
        "gpt-4o-mini-audio-preview",
        "gpt-4o-mini-audio-preview-2024-12-17",
    ),
    "2026-07-23": (
        "gpt-5.1-codex",
        "gpt-5.1-chat-latest",
        "gpt-5-chat-latest",
        "gpt-4o-search-preview",
        "gpt-4o-mini-search-preview",
        "gpt-4o-search-preview-2025-03-11",
        "gpt-4o-mini-search-preview-2025-03-11",
    ),
    "2026-08-10": ("gpt-5.3-chat-latest", "gpt-5.2-chat-latest"),
    "2026-09-28": ("gpt-3.5-turbo-1106",),
    "2026-10-23": (
        "gpt-4.1-nano",
        "gpt-4.1-nano-2025-04-14",
        "o4-mini",
        "o4-mini-2025-04-16",
        "o3-mini",
        "o3-mini-2025-01-31",
        "o1",
        "o1-2024-12-17",
        "gpt-4o-2024-05-13",
        "gpt-4-turbo",
        "gpt-4-turbo-2024-04-09",
        "gpt-4-1106-preview",
        "gpt-4",
        "gpt-4-0613",
        "gpt-3.5-turbo",
        "gpt-3.5-turbo-0125",
    ),
    "2026-12-11": (
        "gpt-5",
        "gpt-5-mini",
        "gpt-5-nano",
        "gpt-5-2025-08-07",
        "gpt-5-mini-2025-08-07",
        "gpt-5-nano-2025-08-07",
        "o3",
        "o3-2025-04-16",
    ),
    "2027-01-06": ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"),
    "2027-01-14": (
        "gpt-4.1",
        "gpt-4.1-mini",
        "gpt-4.1-2025-04-14",
        "gpt-4.1-mini-2025-04-14",
        "gpt-4o",
        "gpt-4o-2024-11-20",
        "gpt-4o-2024-08-06",
        "gpt-4o-mini",
        "gpt-4o-mini-2024-07-18",
    ),
    "2027-01-20": ("gpt-audio-mini", "gpt-audio-mini-2025-12-15"),
    "2027-02-26": (
        "whisper-1",
        "gpt-4o-transcribe",
        "gpt-4o-mini-transcribe",
        "gpt-4o-mini-transcribe-2025-12-15",
        "gpt-4o-transcribe-diarize",
    ),
    "2027-04-01": ("gpt-5.4-nano", "gpt-5.4-nano-2026-03-17", "gpt-5.1", "gpt-5.1-2025-11-13"),
}
_RETIREMENTS = {
    model: date.fromisoformat(day) for day, models in _BY_DATE.items() for model in models
}
