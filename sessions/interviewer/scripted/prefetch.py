"""Prefetch: the sentences that the interviewer is likely to say next, to be voiced ahead.

Pure. The plan's own words are said as they stand, whoever writes the reply; the short replies of
the script by the scripted interviewer, which also steps in for a language model that fails.
"""

from collections.abc import Iterator

from sessions.interviewer.dialogue_state import dialogue_state
from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import Conversation
from sessions.interviewer.scripted.phrases import SHORT_REPLIES
from sessions.interviewer.scripted.script import decide
from sessions.interviewer.sentences import SentenceSplitter

_BEFORE = "Thank you."
"""Sentence before the others: the first sentence of a reply may be cut at a clause, no other is."""


def likely_sentences(conversation: Conversation) -> tuple[str, ...]:
    """Return sentences, the likeliest first, as the splitter of a reply cuts them.

    Before the opening: the opening with its first question, and the script's short replies. Later:
    the next question of the plan (or the closing) and the follow-ups of the current one.
    """
    return tuple(dict.fromkeys(_likely(conversation)))


def _likely(conversation: Conversation) -> Iterator[str]:
    state = dialogue_state(conversation, progress_in(conversation))
    if state.closed:
        return
    if not state.opened:
        yield from _sentences(decide(state).text)
        yield from SHORT_REPLIES
        return
    if state.next is not None:
        yield from _later(f"{state.next_lead_in or ''} {state.next.text}")
    else:
        yield from _later(state.closing)
    if state.current is not None:
        for probe in state.current.probes:
            yield from _later(probe.text)


def _later(text: str) -> list[str]:
    """Return the sentences of a text that does not begin its reply."""
    return _sentences(f"{_BEFORE} {text}")[1:]


def _sentences(text: str) -> list[str]:
    splitter = SentenceSplitter()
    return [*splitter.feed(text), *splitter.flush()]
