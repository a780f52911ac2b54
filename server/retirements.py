"""Retirements of models: the warnings about those in use that have an announced end.

The days and the successors are in the table of known models (`audio/providers/known_models.toml`).
"""

from collections.abc import Iterable, Mapping
from datetime import date

from audio.providers.known_models import shutdown_of
from server.provider_chains import OPENAI, EntryKind
from server.settings import Settings

WARN_WITHIN_DAYS = 90


def models_in_use(settings: Settings) -> list[str]:
    """Return the remote models that these settings choose; local ones do not retire."""
    used = [settings.openai_stt_model] if OPENAI in settings.stt_chain else []
    if settings.stt_streaming_choice != "off":
        used.append(settings.openai_live_stt_model)
    used += [settings.openai_tts_model] if OPENAI in settings.tts_chain else []
    used += [
        entry.model or settings.llm_model
        for entry in settings.llm_chain
        if entry.kind is EntryKind.MODEL
    ]
    return list(dict.fromkeys(used))


def warnings_for(
    models: Iterable[str],
    today: date,
    within_days: int = WARN_WITHIN_DAYS,
    announced: Mapping[str, date] | None = None,
) -> list[str]:
    """Return a sentence for each of `models` whose retirement is past or near.

    Near is at most `within_days` away. Sentences come in the order of the models, each model once.
    `announced` are the dates that the provider's own list of models has: they go before the table.
    """
    sentences = []
    for model in dict.fromkeys(models):
        end = (announced or {}).get(model.removeprefix("openai:")) or retirement_of(model)
        if end is None or (end - today).days > within_days:
            continue
        days, instead = (end - today).days, instead_of(model)
        if days < 0:
            sentences.append(f"The model {model} was retired on {end:%Y-%m-%d}: {instead}.")
        else:
            when = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
            sentences.append(
                f"The model {model} will be retired on {end:%Y-%m-%d}, {when}: {instead}."
            )
    return sentences


def retirement_of(model: str) -> date | None:
    """Return the announced last day of a model, None where none is known.

    A model may carry its provider, as in `openai:gpt-5.4`; only OpenAI's are known (under
    `azure_openai:` a name is a deployment's, and its dates are Azure's).
    """
    end = shutdown_of(model)
    return end.day if end is not None else None


def instead_of(model: str) -> str:
    """Return the words that tell what to set in place of a model: "choose gpt-6-luna"."""
    end = shutdown_of(model)
    if end is None or not end.successor:
        return "choose another one"
    provider, colon, _ = model.rpartition(":")
    return f"choose {provider}{colon}{end.successor}"
