"""Dialects of live transcription: what is said to a server over its socket, and how it is read.

OpenAI's transcription session is spoken by OpenAI and, with the model in the address too, by
gateways such as speaches; vLLM has events of its own. Pure: no socket, no clock.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from audio.providers.live_transcription.sayings import (
    Committed,
    FinalWords,
    LiveProblem,
    LiveUsage,
    MoreWords,
    NoWords,
    Saying,
    SessionSet,
)

Event = dict[str, Any]

DELAY = "low"
"""How long OpenAI's live model waits before it tells words: the first come 0.8 to 0.9 s after the
speech begins, where "minimal" takes 0.5 s and the default 1.2 s (50 commits, October 2026). The
final words come no later for it, and early words that change help nobody."""

OPTIONAL = ("keywords", "delay", "languages", "language", "noise_reduction")
"""Fields of an update that a session can do without, first the one most likely to be refused."""

_TRANSCRIPTION = "conversation.item.input_audio_transcription."


@dataclass(frozen=True, slots=True)
class LineOptions:
    """What a session is to be set to."""

    model: str
    keywords: Sequence[str]
    language: str
    refused: Collection[str] = ()
    """Names in OPTIONAL that the server does not take."""


class LiveDialect(Protocol):
    """One way of speaking: events as dictionaries, before and after JSON."""

    @property
    def rate(self) -> int:
        """Sample rate in Hz of the PCM16 that is sent."""

    @property
    def pipelined(self) -> bool:
        """Whether sound of the next piece may be sent while the words of one are on their way."""

    @property
    def acknowledges(self) -> bool:
        """Whether a session that is set is told; if not, sound follows at once."""

    def query(self, model: str) -> dict[str, str]:
        """Return the query of the address."""

    def setup(self, options: LineOptions) -> Event:
        """Return the event that sets the session."""

    def begin(self) -> Event | None:
        """Return the event before the first sound of a piece, if there is one."""

    def append(self, sound: str) -> Event:
        """Return the event that sends PCM16 in base64."""

    def commit(self, event_id: str) -> Event:
        """Return the event that ends a piece and asks for its words."""

    def clear(self) -> Event | None:
        """Return the event that forgets a piece; None if it must be committed to be rid of it."""

    def read(self, event: Mapping[str, Any]) -> Saying | None:
        """Return what an event says; None for one that says nothing to us."""


@dataclass(frozen=True, slots=True)
class OpenAIDialect:
    """OpenAI's transcription session; `model_in_query` names the model in the address as well."""

    model_in_query: bool = False
    rate: int = 24_000
    pipelined: bool = True
    acknowledges: bool = True

    def query(self, model: str) -> dict[str, str]:
        """Return the intent; OpenAI opens another kind of session where a model is named here."""
        named = {"model": model} if self.model_in_query else {}
        return {"intent": "transcription"} | named

    def setup(self, options: LineOptions) -> Event:
        """Return the update. Turn detection is on unless it is set to null."""
        sound: Event = {
            "format": {"type": "audio/pcm", "rate": self.rate},
            "transcription": _transcription(options),
            "turn_detection": None,
            "noise_reduction": None,
        }
        if "noise_reduction" in options.refused:
            del sound["noise_reduction"]
        return {
            "type": "session.update",
            "event_id": "setup",
            "session": {"type": "transcription", "audio": {"input": sound}},
        }

    def begin(self) -> Event | None:
        """Return nothing: sound begins an item."""
        return None

    def append(self, sound: str) -> Event:
        """Return an append."""
        return {"type": "input_audio_buffer.append", "audio": sound}

    def commit(self, event_id: str) -> Event:
        """Return a commit, by whose id an error names it."""
        return {"type": "input_audio_buffer.commit", "event_id": event_id}

    def clear(self) -> Event | None:
        """Return a clear."""
        return {"type": "input_audio_buffer.clear", "event_id": "clear"}

    def read(self, event: Mapping[str, Any]) -> Saying | None:
        """Return what an event says."""
        kind, item = event.get("type"), _text(event.get("item_id"))
        match kind:
            case "session.updated" | "transcription_session.updated":
                return SessionSet()
            case "input_audio_buffer.committed" if item:
                return Committed(item, _text(event.get("previous_item_id")) or None)
            case "error":
                return _problem(event.get("error"))
        if not item or not isinstance(kind, str) or not kind.startswith(_TRANSCRIPTION):
            return None
        match kind.removeprefix(_TRANSCRIPTION):
            case "delta":
                return MoreWords(item, _text(event.get("delta")))
            case "completed":
                text = event.get("transcript")
                if not isinstance(text, str):
                    return NoWords(item, None)
                return FinalWords(item, text, _openai_usage(event.get("usage")))
            case "failed":
                return NoWords(item, event.get("error"))
        return None


@dataclass(frozen=True, slots=True)
class VllmDialect:
    """Events of vLLM: a commit begins an utterance, a final one ends it, and none has an id.

    It forgets what arrives between the end of one and the words of it, and clears nothing
    (vLLM's entrypoints/openai/realtime/connection.py).
    """

    rate: int = 16_000
    pipelined: bool = False
    acknowledges: bool = False

    def query(self, model: str) -> dict[str, str]:
        """Return nothing: the model is named in the update."""
        return {}

    def setup(self, options: LineOptions) -> Event:
        """Return the update, which holds the model alone."""
        return {"type": "session.update", "model": options.model}

    def begin(self) -> Event | None:
        """Return the commit that begins an utterance."""
        return {"type": "input_audio_buffer.commit", "final": False}

    def append(self, sound: str) -> Event:
        """Return an append."""
        return {"type": "input_audio_buffer.append", "audio": sound}

    def commit(self, event_id: str) -> Event:
        """Return the commit that ends an utterance."""
        return {"type": "input_audio_buffer.commit", "final": True}

    def clear(self) -> Event | None:
        """Return nothing: what is not wanted is ended, and its words thrown away."""
        return None

    def read(self, event: Mapping[str, Any]) -> Saying | None:
        """Return what an event says. Its errors are text beside a code."""
        match event.get("type"):
            case "transcription.delta":
                return MoreWords(None, _text(event.get("delta")))
            case "transcription.done" if isinstance(event.get("text"), str):
                return FinalWords(None, event["text"], _vllm_usage(event.get("usage")))
            case "transcription.done":
                return NoWords(None, None)
            case "error":
                message, code = _text(event.get("error")), _text(event.get("code"))
                return LiveProblem({"message": message, "code": code}, code=code, message=message)
        return None


def refused_field(problem: LiveProblem, setup: Event) -> str:
    """Return the name of the field for which a setup was refused: the one to leave out next.

    Where the error names none, it is guessed; "" if nothing is left to leave out.
    """
    sent = [name for name in OPTIONAL if _holds(setup, name)]
    path = [part.partition("[")[0] for part in problem.param.split(".")]
    for name in sent:
        if name in path:
            return name
    if problem.param and "transcription" not in path[-1:]:
        return ""  # something that the session cannot do without
    return next((name for name in sent if name in problem.message), sent[0] if sent else "")


def _transcription(options: LineOptions) -> Event:
    """Return the settings of the model, by what openai 3.54 documents of each."""
    name = options.model.lower()
    knows_several = "gpt-transcribe" in name or "gpt-live-transcribe" in name
    language = options.language.split("-")[0].lower()
    fields: Event = {"model": options.model}
    if knows_several and options.keywords and "keywords" not in options.refused:
        fields["keywords"] = list(options.keywords)
    if language and knows_several and "languages" not in options.refused:
        fields["languages"] = [language]
    elif language and "language" not in options.refused:
        fields["language"] = language
    if "gpt-live" in name and "delay" not in options.refused:
        fields["delay"] = DELAY
    return fields


def _holds(value: object, name: str) -> bool:
    if not isinstance(value, dict):
        return False
    return name in value or any(_holds(inner, name) for inner in value.values())


def _problem(error: object) -> LiveProblem:
    fields = error if isinstance(error, Mapping) else {}
    names = ("event_id", "param", "code", "message")
    return LiveProblem(error, *(_text(fields.get(name)) for name in names))


def _openai_usage(value: object) -> LiveUsage | None:
    usage = _mapping(value)
    match usage.get("type"):
        case "duration":
            seconds = usage.get("seconds")
            if isinstance(seconds, int | float) and 0 <= seconds < 1e6:
                return LiveUsage(audio_ms=round(seconds * 1000))
        case "tokens":
            details = _mapping(usage.get("input_token_details"))
            audio = _count(details.get("audio_tokens"))
            rest = _count(usage.get("input_tokens")) - audio
            return LiveUsage(
                input_tokens=_count(details.get("text_tokens", rest)),
                audio_input_tokens=audio,
                output_tokens=_count(usage.get("output_tokens")),
            )
    return None


def _vllm_usage(value: object) -> LiveUsage | None:
    usage = _mapping(value)
    if not usage:
        return None
    return LiveUsage(
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: object) -> int:
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else 0
