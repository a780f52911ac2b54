"""The caller's handset: plays what the bridge passes on, and knows the interviewer's turns.

A turn of the interviewer's begins with its first audible sample. Viva names the mark behind the
last sound of a reply `end-...`; where another server is called, only silence shows the end.
"""

from server.simulator.candidate import REACTION_S
from server.simulator.loudspeaker import Loudspeaker, PlayedSound, as_heard
from server.simulator.wire import PlaySound

TURN_PAUSE_S = 2.0
"""Silence after which the interviewer has finished, even if no mark said so."""

END_MARK = "end-"


class Handset:
    """A loudspeaker with turns and named marks. Pure: it is told the time."""

    def __init__(self) -> None:
        self.speaker = Loudspeaker()
        self.sounds: list[PlayedSound] = []
        """All that came, in order."""
        self.turn = 0
        self._began = False
        self._item = ""
        self._began_s = 0.0
        self._ended = False
        self._marks: dict[int, str] = {}
        self._number = 0

    def take(self, sound: PlaySound, now_s: float) -> None:
        """Play sound after what there is."""
        if not self._began or sound.item != self._item:
            if not self._began:
                self._began_s = now_s
                self._began = True
            self.turn += 1
            self._item = sound.item
            self.speaker.begin(self.turn, 0)
        self._ended = False
        self.sounds.append(self.speaker.audio(sound.pcm, now_s))

    def mark(self, name: str) -> None:
        """Set a mark behind what there is."""
        self._number += 1
        self._marks[self._number] = name
        self.speaker.mark(self.turn, self._number)

    def silence(self, now_s: float) -> tuple[list[str], int]:
        """Drop what was not played, and return the marks in it and how much was played (ms).

        What was cut off is no turn that waits for an answer.
        """
        self._began = False
        samples = self.speaker.flush(self.turn, now_s)
        pending, self._marks = list(self._marks.values()), {}
        return pending, samples // 24

    def reached(self, now_s: float) -> list[str]:
        """Return the marks that were reached since the last call."""
        names = [self._marks.pop(number) for _, number in self.speaker.marks_reached(now_s)]
        self._ended = self._ended or any(END_MARK in name for name in names)
        return names

    def audible_since_s(self, now_s: float) -> float | None:
        """Return when the present turn was first heard; None before that."""
        heard_s = self.speaker.first_heard.get(self.turn) if self._began else None
        return None if heard_s is None or heard_s > now_s else heard_s

    def finished(self, now_s: float) -> bool:
        """Whether the present turn was heard to its end."""
        if self.speaker.busy(now_s) or self.audible_since_s(now_s) is None:
            return False
        silent_s = now_s - self.speaker.silent_from_s
        return silent_s >= (REACTION_S if self._ended else TURN_PAUSE_S)

    def next_turn(self, now_s: float) -> bytes:
        """End the present turn, which is over or is talked over, and return its sound."""
        self._began = False
        return as_heard(self.sounds, self._began_s, now_s)
