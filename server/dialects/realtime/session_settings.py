"""Realtime session settings: what a client may set, and what is the interview's own.

A client that was written for another server asks for much that an interview does not grant. Each
field stands for itself: what is harmless is accepted, and of the rest every field is refused by
name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from audio.pcm import AudioFormat, Encoding
from audio.speech import VOICE_RATE
from server.dialects.realtime.items import Fields

MODEL = "viva"
VOICE = "viva"
"""Names under which the interviewer's model and voice appear; which ones are really used is the
operator's choice."""

PCM = AudioFormat(VOICE_RATE)
FORMATS = {
    "audio/pcm": PCM,
    "audio/pcmu": AudioFormat(8_000, Encoding.ULAW),
    "audio/pcma": AudioFormat(8_000, Encoding.ALAW),
}
_NAMES = {wire: name for name, wire in FORMATS.items()}

TURN_DETECTION: Fields = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
"""Turn detection as the protocol describes it: of its shapes, the one that is true of Viva's."""

IGNORED = frozenset(
    "id object expires_at include parallel_tool_calls reasoning tracing truncation metadata".split()
)
"""Fields of a session that change nothing here, and nothing that the client would miss."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Field that is not granted."""

    code: str
    """Reason for programs."""

    message: str
    """Reason for people."""

    param: str
    """Where the field stands."""


_Accepts = Callable[[Any], bool]

_FIXED: dict[str, tuple[_Accepts, str]] = {
    "instructions": (lambda value: not value, "The interviewer follows its plan alone."),
    "prompt": (lambda value: value is None, "The interviewer follows its plan alone."),
    "tools": (lambda value: not value, "The interviewer has no tools."),
    "tool_choice": (lambda value: value in (None, "auto", "none"), "The interviewer has no tools."),
    "output_modalities": (
        lambda value: value in (None, ["audio"]),
        "An interview is spoken: replies are audio with its transcript.",
    ),
    "max_output_tokens": (
        lambda value: value in (None, "inf"),
        "The interviewer finishes its sentences.",
    ),
}
"""Fields of a session or of a response that cannot be changed: which values mean no change, and the
sentence for any other."""


MAX_PARAM_CHARS = 100
"""Longest name of a field that is told, in characters: it is the client's own."""


MAX_MODEL_CHARS = 64
"""Longest name of a model that is kept; longer ones are cut off."""


class SessionSettings:
    """Settings of one connection.

    `requested_model` is the model that the client has named when it connected. Where it has named
    none, it may name any: it is written for a model, and gets the interviewer all the same.
    """

    def __init__(self, requested_model: str | None = None) -> None:
        self.input_format = PCM
        self.output_format = PCM
        self.push_to_talk = False
        self.session_id = ""
        self.model = ""
        self._requested_model = requested_model

    def update(self, session: Fields) -> list[Refusal]:
        """Apply what may be changed; return what is refused."""
        return list(self._apply(session))

    def as_object(self) -> Fields:
        """Return the session as it is."""
        turn_detection = None if self.push_to_talk else TURN_DETECTION
        return {
            "type": "realtime",
            "object": "realtime.session",
            "id": self.session_id,
            "model": MODEL,
            "output_modalities": ["audio"],
            "instructions": "",
            "tools": [],
            "tool_choice": "none",
            "max_output_tokens": "inf",
            "audio": {
                "input": {
                    "format": format_object(self.input_format),
                    "transcription": {"model": MODEL},
                    "noise_reduction": None,
                    "turn_detection": turn_detection,
                },
                "output": {
                    "format": format_object(self.output_format),
                    "voice": VOICE,
                    "speed": 1.0,
                },
            },
        }

    def chosen(self) -> Fields:
        """Return the fields with which `update` makes another connection's settings the same."""
        shown = self.as_object()["audio"]
        audio = {
            "input": {name: shown["input"][name] for name in ("format", "turn_detection")},
            "output": {"format": shown["output"]["format"]},
        }
        return {"audio": audio} | ({"model": self.model} if self.model else {})

    def _apply(self, session: Fields) -> Iterator[Refusal]:
        for name, value in session.items():
            param = f"session.{name}"
            match name:
                case "type":
                    if value != "realtime":
                        yield Refusal("invalid_value", "Only realtime sessions are held.", param)
                case "model":
                    if not self._may_name(value):
                        yield _refused("The interviewer's model cannot be chosen.", param)
                    elif value is not None:
                        self.model = str(value)[:MAX_MODEL_CHARS]
                case "audio":
                    yield from self._apply_audio(value, param)
                case _ if name in _FIXED:
                    yield from _check_fixed(name, value, param)
                case _ if name not in IGNORED:
                    yield _unknown(param)

    def _may_name(self, model: object) -> bool:
        if self._requested_model is None:
            return model is None or isinstance(model, str)
        return model in (None, MODEL, self._requested_model)

    def _apply_audio(self, audio: object, param: str) -> Iterator[Refusal]:
        for name, value in _fields(audio):
            match name:
                case "input":
                    yield from self._apply_input(value, f"{param}.input")
                case "output":
                    yield from self._apply_output(value, f"{param}.output")
                case _:
                    yield _unknown(f"{param}.{name}")

    def _apply_input(self, given: object, param: str) -> Iterator[Refusal]:
        for name, value in _fields(given):
            at = f"{param}.{name}"
            match name:
                case "format":
                    wire = _format_of(value)
                    if wire is None:
                        yield _bad_format(at)
                    else:
                        self.input_format = wire
                case "turn_detection":
                    yield from self._apply_turn_detection(value, at)
                case "transcription" | "noise_reduction":
                    pass  # every word is transcribed, whatever is asked for
                case _:
                    yield _unknown(at)

    def _apply_turn_detection(self, value: object, param: str) -> Iterator[Refusal]:
        if value is None:
            self.push_to_talk = True
            return
        fields = dict(_fields(value))
        if fields.get("type") not in ("server_vad", "semantic_vad"):
            message = "Turns are told by server_vad, semantic_vad or null."
            yield Refusal("invalid_value", message, f"{param}.type")
            return
        self.push_to_talk = False
        for name, sentence in (
            ("create_response", "The interviewer answers by itself."),
            ("interrupt_response", "Whoever speaks interrupts the interviewer."),
        ):
            if fields.get(name) not in (None, True):
                yield _refused(sentence, f"{param}.{name}")

    def _apply_output(self, given: object, param: str) -> Iterator[Refusal]:
        for name, value in _fields(given):
            at = f"{param}.{name}"
            match name:
                case "format":
                    wire = _format_of(value)
                    if wire is None:
                        yield _bad_format(at)
                    else:
                        self.output_format = wire
                case "voice":
                    if value not in (None, VOICE):
                        yield _refused("The interviewer's voice cannot be chosen.", at)
                case "speed":
                    if value not in (None, 1):
                        yield _refused("The interviewer speaks at its own speed.", at)
                case _:
                    yield _unknown(at)


def response_refusals(given: Fields) -> list[Refusal]:
    """Return what a client asks of one response that an interview does not grant."""
    found: list[Refusal] = []
    for name, value in given.items():
        param = f"response.{name}"
        if name in _FIXED:
            found += _check_fixed(name, value, param)
        elif name == "conversation":
            if value not in (None, "auto"):
                found.append(_refused("There is one conversation, and it is on record.", param))
        elif name == "input":
            if value is not None:
                found.append(_refused("The interviewer answers what was said to it.", param))
        elif name == "audio":
            audio = SessionSettings()
            found += audio.update({"audio": value})
        elif name not in IGNORED:
            found.append(_unknown(param))
    return found


def format_object(wire: AudioFormat) -> Fields:
    """Return a format as the protocol writes it."""
    name = _NAMES[wire]
    return {"type": name, "rate": wire.sample_rate} if name == "audio/pcm" else {"type": name}


def _check_fixed(name: str, value: object, param: str) -> Iterator[Refusal]:
    accepts, sentence = _FIXED[name]
    if not accepts(value):
        yield _refused(sentence, param)


def _format_of(value: object) -> AudioFormat | None:
    fields = dict(_fields(value))
    wire = FORMATS.get(str(fields.get("type", "audio/pcm")))
    if wire is None or fields.get("rate") not in (None, wire.sample_rate):
        return None
    return wire


def _fields(value: object) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object; null has none, nor has what is no object."""
    if isinstance(value, dict):
        yield from value.items()


def _refused(sentence: str, param: str) -> Refusal:
    return Refusal("not_allowed_in_interview", sentence, param)


def _unknown(param: str) -> Refusal:
    param = param[:MAX_PARAM_CHARS]
    return Refusal("unknown_parameter", f"There is no setting {param}.", param)


def _bad_format(param: str) -> Refusal:
    sentence = "Audio is audio/pcm at 24000 Hz, audio/pcmu or audio/pcma."
    return Refusal("invalid_value", sentence, param)
