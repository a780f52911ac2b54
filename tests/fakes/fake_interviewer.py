"""An interviewer that says what it is handed, token by token, and fails on demand."""

from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from sessions.interviewer.protocol import Conversation, Move, MoveKind, ReplyPart, Usage
from tests.support.virtual_time import pass_ms


@dataclass
class Line:
    """One reply. With `error`, it is raised after `error_after` tokens."""

    text: str
    move: Move = field(default_factory=lambda: Move(MoveKind.ASK, "q1"))
    error: Exception | None = None
    error_after: int = 0
    first_ms: float = 80.0
    token_ms: float = 5.0


def closing(text: str = "That was all. Thank you and goodbye.") -> Line:
    """The last reply."""
    return Line(text, Move(MoveKind.CLOSE))


class FakeInterviewer:
    """Replies with `lines` in order, and with the last of them again where there are no more.
    With `by_turns`, the line is chosen by how many answers are on record or being given, so that
    a reply prepared twice is the same twice."""

    model = "fake-llm"

    def __init__(self, *lines: Line | str, by_turns: bool = False) -> None:
        self.lines = deque(Line(line) if isinstance(line, str) else line for line in lines)
        self.by_turns = by_turns
        self.asked: list[Conversation] = []
        self.open = 0

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    async def close(self) -> None:
        """Nothing is open."""

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """See `Interviewer`."""
        self.asked.append(conversation)
        line = self._line(conversation)
        self.open += 1
        try:
            await pass_ms(line.first_ms)
            yield line.move
            tokens = line.text.split()
            for number, token in enumerate(tokens):
                if line.error is not None and number >= line.error_after:
                    raise line.error
                await pass_ms(line.token_ms)
                yield token + " "
            if line.error is not None:
                raise line.error
            yield Usage(self.model, 100, len(tokens), 0.001)
        finally:
            self.open -= 1

    def _line(self, conversation: Conversation) -> Line:
        if self.by_turns:
            answers = sum(turn.speaker == "candidate" for turn in conversation.turns)
            answers += bool(conversation.said)
            return self.lines[min(answers, len(self.lines) - 1)]
        return self.lines.popleft() if len(self.lines) > 1 else self.lines[0]
