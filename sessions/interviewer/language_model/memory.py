"""Memory of an interviewer: the newest turns as messages, and a summary of those before.

Projected from the turns with every call, never stored. The interviewer's turns enter by their heard
text: what nobody heard was not said. The newest turns stand word for word, within a token budget;
of the older ones the most informative sentences remain, chosen without a model.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, trim_messages
from langchain_core.messages.utils import count_tokens_approximately

from sessions.interviewer.progress import FILLER
from sessions.interviewer.protocol import MoveKind
from sessions.interviewer.reply_parser import write_header
from sessions.turntaking.turns import Speaker, Turn

CHARS_PER_TOKEN = 4
"""Characters of a token, as `count_tokens_approximately` estimates."""

SUMMARY_SHARE = 3
"""Divisor of the budget: the summary may take that part of it, in addition."""

LEAST_SUMMARY_TOKENS = 120
"""Tokens that the summary may take whatever the budget is."""

LONGEST_TURN_SHARE = 2
"""Divisor of the budget: no single turn may take more than that part of it."""

DROP_SHARE = 4
"""Divisor of the budget: where turns are over it, that part of it is dropped at once."""

INSTRUCTION_TOKENS = 100
"""Tokens of the budget that are left to the instructions at the end."""

TURN_MARKS_CHARS = 60
"""Characters that a turn's marks take beside its words: tags, a header, a role."""

LONGEST_SENTENCE_CHARS = 220
"""Length to which a sentence of the summary is cut."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of one interview."""

    messages: list[BaseMessage]
    """Newest turns without `said`, oldest first: human and AI messages in turn, a human one first,
    an AI one last."""

    said: str
    """Lines of what the candidate has said since the last of the messages; "" for nothing."""

    summary: str
    """Most informative sentences of the turns before the messages, one line a question; "" if all
    turns are among the messages."""

    def as_messages(self) -> list[BaseMessage]:
        """Return the messages with the summary in front, in the first one of the candidate's side.

        Roles alternate strictly: the templates of many models want that.
        """
        notes = self.notes
        if not notes or not self.messages:
            return self.messages
        first = self.messages[0]
        if isinstance(first, HumanMessage):
            return [HumanMessage(f"{notes}{first.text}"), *self.messages[1:]]
        return [HumanMessage(notes.rstrip()), *self.messages]

    @property
    def last_words(self) -> str:
        """Lines of `said`, after the summary where no message comes before that could carry it."""
        return self.said if self.messages else self.notes + self.said

    @property
    def notes(self) -> str:
        """Summary between its tags, as lines; "" for none."""
        return f"<notes>\n{self.summary}\n</notes>\n" if self.summary else ""


def remember(turns: Sequence[Turn], token_budget: int, now: str) -> Memory:
    """Project the memory from the turns, oldest first.

    `now` are the instructions that will follow what the candidate has said last: the budget is for
    both, and for the messages before.
    """
    longest = max(40, token_budget // LONGEST_TURN_SHARE) * CHARS_PER_TOKEN
    entries = _entries(turns, _within_reach(turns, token_budget, longest), longest)
    said, began = "", len(turns)
    if entries and isinstance(entries[-1][0], HumanMessage):
        message, began = entries.pop()
        said = f"{message.text}\n"
    entries.append((HumanMessage(f"{said}<now>{now}</now>"), began))
    messages = [message for message, _ in entries]
    kept = trim_messages(
        messages,
        max_tokens=token_budget,
        strategy="last",
        token_counter=count_tokens_approximately,
        start_on="human",
        allow_partial=False,
    )
    if not kept:  # even the last message alone is over the budget: it is what is being answered
        kept = messages[-1:]
    first_kept = entries[len(messages) - len(kept)][1]
    budget = max(LEAST_SUMMARY_TOKENS, token_budget // SUMMARY_SHARE)
    return Memory(kept[:-1], said, summarise(turns[:first_kept], budget * CHARS_PER_TOKEN))


def summarise(turns: Sequence[Turn], max_chars: int) -> str:
    """Return the most informative sentences of the candidate's turns, one line a question.

    They take at most `max_chars`. The best sentence of every question is chosen first, then the
    second best of every one, and so on: no part of the interview is forgotten as a whole.
    """
    groups: dict[str, list[_Sentence]] = {}
    for sentence in _sentences(turns):
        groups.setdefault(sentence.question, []).append(sentence)
    ranked = [
        (rank, -sentence.weight, sentence.order, sentence)
        for group in groups.values()
        for rank, sentence in enumerate(sorted(group, key=lambda one: (-one.weight, one.order)))
    ]
    chosen: list[_Sentence] = []
    size = 0
    seen: set[str] = set()
    for _, _, _, sentence in sorted(ranked, key=lambda entry: entry[:3]):
        heading = "" if sentence.question in seen else f"\n{sentence.question}:"
        cost = len(heading) + 1 + len(sentence.text)
        key = sentence.text.lower()
        if key not in seen and size + cost <= max_chars:
            seen |= {key, sentence.question}
            size += cost
            chosen.append(sentence)
    lines: dict[str, list[str]] = {}
    for sentence in sorted(chosen, key=lambda one: one.order):
        lines.setdefault(sentence.question, []).append(sentence.text)
    return "\n".join(f"{question}: {' '.join(texts)}" for question, texts in lines.items())


def as_data(text: str) -> str:
    """Return words of the candidate as they may stand between our tags: they can close none."""
    return " ".join(text.translate(_HARMLESS).split())


# --- messages ---------------------------------------------------------------------------------

_HARMLESS = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")"})
_CUT_OFF = "[cut off here; the rest was not heard]"
_SILENCE = "<event>silence</event>"


def _within_reach(turns: Sequence[Turn], token_budget: int, longest: int) -> int:
    """Return the position of the first turn to show.

    What is over the budget is dropped in steps, counted from the first turn of all: between two
    steps nothing is dropped, so that the next prompt begins as this one does, and what a provider
    has kept of it holds.
    """
    budget = max(token_budget - INSTRUCTION_TOKENS, token_budget // 2) * CHARS_PER_TOKEN
    sizes = [min(len(turn.heard_text), longest) + TURN_MARKS_CHARS for turn in turns]
    over = sum(sizes) - budget
    if over <= 0:
        return 0
    step = max(1, budget // DROP_SHARE)
    to_drop = -(-over // step) * step
    for position, size in enumerate(sizes[:-1]):
        if to_drop <= 0:
            return position
        to_drop -= size
    return len(turns) - 1


def _entries(turns: Sequence[Turn], first: int, longest: int) -> list[tuple[BaseMessage, int]]:
    """Return (message, position of its first turn): human and AI messages in strict alternation."""
    entries: list[tuple[BaseMessage, int]] = []
    for position in range(first, len(turns)):
        message = _message(turns[position], longest)
        if message is not None:
            _append(entries, message, position)
    return entries


def _append(entries: list[tuple[BaseMessage, int]], message: BaseMessage, position: int) -> None:
    if not entries and isinstance(message, AIMessage):
        entries.append((HumanMessage("<event>the interview begins</event>"), position))
    elif entries and isinstance(message, AIMessage) and isinstance(entries[-1][0], AIMessage):
        entries.append((HumanMessage(_SILENCE), position))
    elif entries and isinstance(message, HumanMessage):
        before, start = entries[-1]
        if isinstance(before, HumanMessage):
            entries[-1] = (HumanMessage(f"{before.text}\n{message.text}"), start)
            return
    entries.append((message, position))


def _message(turn: Turn, longest: int) -> BaseMessage | None:
    """Return a turn as a message; None if there is nothing to remember of it."""
    match turn.speaker:
        case Speaker.CANDIDATE:
            words = _clip(as_data(turn.text), longest)
            return HumanMessage(f"<candidate>{words}</candidate>") if words else None
        case Speaker.RECRUITER:
            words = _clip(as_data(turn.text), longest)
            return HumanMessage(f"<recruiter>{words}</recruiter>") if words else None
        case Speaker.INTERVIEWER:
            heard = _clip(" ".join(turn.heard_text.split()), longest)
            if not heard or turn.move.get("kind") == FILLER:
                return None
            marks = [_header(turn), heard, _CUT_OFF if turn.interrupted else ""]
            return AIMessage(" ".join(mark for mark in marks if mark))


def _header(turn: Turn) -> str:
    """Return the header of a past reply: it shows the form better than any instruction."""
    kind, question = turn.move.get("kind"), turn.move.get("question")
    if kind not in set(MoveKind):
        return ""
    return write_header(MoveKind(str(kind)), str(question) if question else None, {})


def _clip(text: str, longest: int) -> str:
    """Return the beginning and the end of a text that is too long."""
    if len(text) <= longest:
        return text
    tail = longest * 2 // 5
    return f"{text[: longest - tail]} … {text[-tail:]}"


# --- the summary ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sentence:
    question: str
    text: str
    order: int
    weight: int


_SELF = re.compile(
    r"\b(my name is|i'?m called|call me|i live|i come from|i'?m from|i was born|i studied|"
    r"i graduated|i work(ed)? (at|for|as|in|with)|i('ve| have) been|i('ve| have) worked|"
    r"i joined|i led|i managed|i founded|i built|my (team|company|boss|manager|job|role|degree)|"
    r"i (prefer|need|want|can'?t|cannot|only)|notice period|salary|available|start (on|in))\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|"
    r"fifty|hundred|thousand|million|percent|years?|months?|weeks?)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z0-9,;] )(?!I\b|I')[A-Z][\w.+#-]*")
_ENDS = re.compile(r"(?<=[.!?…])\s+(?=[A-Z0-9\"'(])")
_NO_ID = "before"


def _sentences(turns: Sequence[Turn]) -> Iterator[_Sentence]:
    """Yield the candidate's sentences with the question they answered."""
    question = _NO_ID
    order = 0
    for turn in turns:
        if turn.speaker is Speaker.INTERVIEWER and turn.heard_text.strip():
            question = str(turn.move.get("question") or question)
        if turn.speaker is not Speaker.CANDIDATE:
            continue
        for text in _ENDS.split(as_data(turn.text)):
            weight = _weight(text)
            if weight > 0:
                yield _Sentence(question, text[:LONGEST_SENTENCE_CHARS], order, weight)
                order += 1


def _weight(sentence: str) -> int:
    """Return how informative a sentence is: facts about oneself, names and numbers count."""
    words = sentence.split()
    if len(words) < 3:
        return 1 if _NUMBER.search(sentence) or _NAME.search(sentence) else 0
    weight = 1 + (len(words) >= 8)
    weight += 4 * bool(_SELF.search(sentence))
    weight += 2 * min(3, len(_NAME.findall(sentence)))
    weight += 2 * min(2, len(_NUMBER.findall(sentence)))
    return weight
