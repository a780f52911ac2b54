"""What a Realtime client may set of its session, and what is the interview's own.

A client that was written for another server asks for much that an interview does not grant. Each
field stands for itself: what is harmless is taken, and of the rest every field is refused by name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from audio.pcm import AudioFormat, Encoding
from audio.speech import VOICE_RATE
from server.dialects.realtime.items import Fields

MODEL = "viva"
VOICE = "viva"
"""The names under which the interviewer and its voice appear; which models really write and speak
is the operator's choice."""

PCM = AudioFormat(VOICE_RATE)
FORMATS = {
    "audio/pcm": PCM,
    "audio/pcmu": AudioFormat(8_000, Encoding.ULAW),
    "audio/pcma": AudioFormat(8_000, Encoding.ALAW),
}
_NAMES = {wire: name for name, wire in FORMATS.items()}

OUR_TURNS: Fields = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
"""Of the shapes that the protocol has, the one that is true of Viva's turn-taking."""

IGNORED = frozenset(
    "id object expires_at include parallel_tool_calls reasoning tracing truncation metadata".split()
)
"""Fields of a session that change nothing here, and nothing that the client would miss."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field that is not granted; `param` is where it stands."""

    code: str
    message: str
    param: str


_Granted = Callable[[Any], bool]

_FIXED: dict[str, tuple[_Granted, str]] = {
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
"""What cannot be changed, of a session or of a response: which values say no more than what is so
anyway, and what is told to others."""


class SessionSettings:
    """One connection's settings. `asked_model` is the model that the client has named when it
    connected: it has to name one."""

    def __init__(self, asked_model: str = MODEL) -> None:
        self.heard = PCM
        self.spoken = PCM
        self.push_to_talk = False
        self.session_id = ""
        self._models = (None, MODEL, asked_model)

    def update(self, session: Fields) -> list[Refusal]:
        """Take what may be changed; what is refused."""
        return list(self._take(session))

    def as_object(self) -> Fields:
        """The session as it is."""
        turn_detection = None if self.push_to_talk else OUR_TURNS
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
                    "format": format_object(self.heard),
                    "transcription": {"model": MODEL},
                    "noise_reduction": None,
                    "turn_detection": turn_detection,
                },
                "output": {"format": format_object(self.spoken), "voice": VOICE, "speed": 1.0},
            },
        }

    def _take(self, session: Fields) -> Iterator[Refusal]:
        for name, value in session.items():
            param = f"session.{name}"
            match name:
                case "type":
                    if value != "realtime":
                        yield Refusal("invalid_value", "Only realtime sessions are held.", param)
                case "model":
                    if value not in self._models:
                        yield _refused("The interviewer's model cannot be chosen.", param)
                case "audio":
                    yield from self._take_audio(value, param)
                case _ if name in _FIXED:
                    yield from _check_fixed(name, value, param)
                case _ if name not in IGNORED:
                    yield _unknown(param)

    def _take_audio(self, audio: object, param: str) -> Iterator[Refusal]:
        for name, value in _fields(audio):
            match name:
                case "input":
                    yield from self._take_input(value, f"{param}.input")
                case "output":
                    yield from self._take_output(value, f"{param}.output")
                case _:
                    yield _unknown(f"{param}.{name}")

    def _take_input(self, given: object, param: str) -> Iterator[Refusal]:
        for name, value in _fields(given):
            at = f"{param}.{name}"
            match name:
                case "format":
                    wire = _format_of(value)
                    if wire is None:
                        yield _bad_format(at)
                    else:
                        self.heard = wire
                case "turn_detection":
                    yield from self._take_turn_detection(value, at)
                case "transcription" | "noise_reduction":
                    pass  # every word is transcribed, whatever of that is asked for
                case _:
                    yield _unknown(at)

    def _take_turn_detection(self, value: object, param: str) -> Iterator[Refusal]:
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

    def _take_output(self, given: object, param: str) -> Iterator[Refusal]:
        for name, value in _fields(given):
            at = f"{param}.{name}"
            match name:
                case "format":
                    wire = _format_of(value)
                    if wire is None:
                        yield _bad_format(at)
                    else:
                        self.spoken = wire
                case "voice":
                    if value not in (None, VOICE):
                        yield _refused("The interviewer's voice cannot be chosen.", at)
                case "speed":
                    if value not in (None, 1):
                        yield _refused("The interviewer speaks at its own speed.", at)
                case _:
                    yield _unknown(at)


def refused_of_response(given: Fields) -> list[Refusal]:
    """What a client asks of one response that an interview does not grant."""
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
    """A format as the protocol writes it."""
    name = _NAMES[wire]
    return {"type": name, "rate": wire.sample_rate} if name == "audio/pcm" else {"type": name}


def _check_fixed(name: str, value: object, param: str) -> Iterator[Refusal]:
    granted, sentence = _FIXED[name]
    if not granted(value):
        yield _refused(sentence, param)


def _format_of(value: object) -> AudioFormat | None:
    fields = dict(_fields(value))
    wire = FORMATS.get(str(fields.get("type", "audio/pcm")))
    if wire is None or fields.get("rate") not in (None, wire.sample_rate):
        return None
    return wire


def _fields(value: object) -> Iterator[tuple[str, Any]]:
    """The fields of an object; null stands for none, and so does what is no object."""
    if isinstance(value, dict):
        yield from value.items()


def _refused(sentence: str, param: str) -> Refusal:
    return Refusal("not_allowed_in_interview", sentence, param)


def _unknown(param: str) -> Refusal:
    return Refusal("unknown_parameter", f"There is no setting {param}.", param)


def _bad_format(param: str) -> Refusal:
    sentence = "Audio is audio/pcm at 24000 Hz, audio/pcmu or audio/pcma."
    return Refusal("invalid_value", sentence, param)
