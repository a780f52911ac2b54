"""Languages: which parts in use know English alone, told before somebody is interviewed in another.

A plan's language holds where an invitation names none. What is configured may not know it, and
nobody would notice before the candidate does.
"""

import re
from pathlib import PurePath

from server.provider_chains import LOCAL, EntryKind
from server.settings import Settings

_ENGLISH_WHISPER = re.compile(r"\.en$|^(?:faster-)?distil-")
"""Names of Whisper models that were trained on English alone."""


def is_english(language: str) -> bool:
    """Return whether a code, with or without a region, means English."""
    return language.split("-")[0].lower() == "en"


def language_warnings(settings: Settings, language: str, *, by_phone: bool = False) -> list[str]:
    """Return what does not speak or understand a language, as sentences; none for English.

    `by_phone` says whether somebody is to be interviewed by telephone in any case.
    """
    if is_english(language):
        return []
    found = []
    if settings.stt_choice == "local" and _ENGLISH_WHISPER.search(_model(settings)):
        found.append(
            f"The Whisper model {_model(settings)} understands English alone, not '{language}': set"
            " VIVA_WHISPER_MODEL=small, for example."
        )
    if settings.tts_choice != EntryKind.LOCAL and LOCAL in settings.tts_chain:
        found.append(
            "Where every other voice fails, the local one steps in, which speaks English alone, not"
            f" '{language}': leave local out of VIVA_TTS to have the interview wait instead."
        )
    if settings.tts_choice == EntryKind.LOCAL:
        found.append(
            f"The local voice speaks English alone, not '{language}': set VIVA_TTS=openai."
        )
    if settings.llm_choice == "scripted":
        found.append(
            f"The scripted interviewer says in English what does not stand in the plan, not in"
            f" '{language}': set VIVA_LLM=model."
        )
    if by_phone or _has_bridge(settings):
        found.append(
            "By telephone, the notice, the consent and the question for the PIN are spoken in"
            f" English, before the interview in '{language}' begins."
        )
    return found


def _model(settings: Settings) -> str:
    return PurePath(settings.whisper_model).name


def _has_bridge(settings: Settings) -> bool:
    return bool(
        settings.twilio_configured
        or settings.bridge_token
        or settings.vonage_signature_secret
        or settings.telnyx_public_key
    )
