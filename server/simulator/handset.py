"""The bridge's buffer and the caller's ear: plays what comes in real time, and knows the turns.

A turn of the interviewer's begins with its first audible sample. Viva names the mark behind the
last sound of a reply `end-...`; where another server is called, silence has to tell.
"""

from server.simulator.candidate import REACTION_S
from server.simulator.loudspeaker import Loudspeaker
from server.simulator.wire import Sound

TURN_PAUSE_S = 2.0
"""Silence after which the interviewer has finished, even if no mark said so."""

END_MARK = "end-"


class Handset:
    """Told the time by `play`."""

    def __init__(self) -> None:
        self.speaker = Loudspeaker()
        self.turn = 0
        self._began = False
        self._item = ""
        self._start = 0  # byte of the recording with which the turn began
        self._silent_since_s: float | None = None
        self._ended = False
        self._marks: dict[int, str] = {}
        self._number = 0

    def take(self, sound: Sound) -> None:
        """Sound to be played after what there is."""
        if not self._began or sound.item != self._item:
            if not self._began:
                self._start = len(self.speaker.recording)
                self._began = True
            self.turn += 1
            self._item = sound.item
            self.speaker.begin(self.turn, 0)
        self._ended = False
        self.speaker.audio(sound.pcm)

    def mark(self, name: str) -> None:
        """A mark behind what there is."""
        self._number += 1
        self._marks[self._number] = name
        self.speaker.mark(self.turn, self._number)

    def silence(self) -> tuple[list[str], int]:
        """Drop what was not played: the marks in it, and how many ms of the item were played. What
        was cut off is no turn that waits for an answer."""
        self._began = False
        self.speaker.flush(self.turn)
        events, self.speaker.events = self.speaker.events, []
        samples = next(int(str(e["samples"])) for e in events if e["type"] == "audio.flushed")
        reached = [
            self._marks.pop(int(str(e["id"]))) for e in events if e["type"] == "audio.marked"
        ]
        pending, self._marks = [*reached, *self._marks.values()], {}
        return pending, samples // 24

    def play(self, samples: int, at_s: float) -> list[str]:
        """Let time pass; the marks that were reached."""
        self.speaker.play(samples, at_s)
        self._silent_since_s = (
            None if self.speaker.busy else (self._silent_since_s or at_s + samples / 24_000)
        )
        events, self.speaker.events = self.speaker.events, []
        reached = [
            self._marks.pop(int(str(event["id"])))
            for event in events
            if event["type"] == "audio.marked"
        ]
        self._ended = self._ended or any(END_MARK in name for name in reached)
        return reached

    @property
    def audible_since_s(self) -> float | None:
        """When the present turn was first heard; None before that."""
        return self.speaker.first_heard.get(self.turn) if self._began else None

    def finished(self, at_s: float) -> bool:
        """Whether the present turn was heard to its end."""
        silent = self._silent_since_s
        if silent is None or self.audible_since_s is None:
            return False
        return at_s - silent >= (REACTION_S if self._ended else TURN_PAUSE_S)

    def next_turn(self) -> bytes:
        """The present turn is over, or is talked over: its sound. What comes is of another."""
        self._began = False
        return bytes(self.speaker.recording[self._start :])
