"""Edge reporter: posts where speech starts and stops, never the same twice in a row."""

from collections.abc import Callable

from sessions.turntaking import events as ev


class EdgeReporter:
    """Posts SpeechStarted and SpeechStopped by turns. `post` takes events."""

    def __init__(self, post: Callable[[ev.Event], None]) -> None:
        self._post = post
        self._speaking = False

    def report(self, speaking: bool, at_ms: float, doubtful: bool = False) -> None:
        """Post that speech started or stopped at session ms `at_ms`, unless that was posted last.

        `doubtful`: it turned out to have been no voice.
        """
        if speaking != self._speaking:
            self._speaking = speaking
            self._post(ev.SpeechStarted(at_ms) if speaking else ev.SpeechStopped(at_ms, doubtful))

    def reset(self) -> None:
        """Take it that nobody speaks, without posting that."""
        self._speaking = False
