"""Drafts: replies that are prepared, unheard, before it is certain that the answer is over.

A draft on words that may still change is kept only if the final ones are the same: letter for
letter apart from capitals, and from signs at the edge of a word that make no question of it. So a
reply is always made on exactly the words that go on record.
"""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.context import TurnContext
from sessions.turntaking.endpointing.pause_rules import Patience, patience
from sessions.turntaking.endpointing.utterance_end import Ending, ending_of
from sessions.turntaking.endpointing.whole_requests import is_whole_request
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateState, InterviewerState

MINUTE_MS = 60_000.0


def wait_after(ctx: TurnContext, text: str) -> Patience:
    """Return how long a pause after these words of the open utterance may last."""
    utterance, rules = ctx.state.utterance, ctx.rules
    if rules.endpoint_silence_ms is not None:
        return Patience(rules.endpoint_silence_ms * rules.accommodation, "silence")
    return patience(
        text,
        ctx.state.replies.expects,
        utterance.own_pause_ms,
        rules.accommodation,
        rules.endpointing,
        longest_gap_ms=utterance.longest_gap_ms,
    )


def draft_in_pause(ctx: TurnContext) -> None:
    """Have a reply to the words of this pause made ready.

    Where they will be waited for long, not before the pause has lasted for a while, or most such
    drafts are made for nothing.
    """
    utterance, rules = ctx.state.utterance, ctx.rules
    by_words = rules.endpoint_silence_ms is None
    long = by_words and wait_after(ctx, utterance.spoken).ms >= rules.draft_later_beyond_ms
    later_ms = utterance.speech_ended_ms + rules.draft_later_ms
    draft = ctx.state.replies.draft
    if draft is not None and not same_words(draft.said, utterance.text):
        drop_draft(ctx)
    if long and ctx.now < later_ms:
        ctx.timers.set(Timer.DRAFT, later_ms)
    else:
        prepare_draft(ctx)


def draft_ahead(ctx: TurnContext, event: ev.TranscriptPartial) -> None:
    """Have a reply made ready to words that may still change, if they read as a whole answer.

    While the voice still sounds, only where a pause after them would be short: then hardly anybody
    goes on.
    """
    state, utterance = ctx.state, ctx.state.utterance
    if state.interviewer is not InterviewerState.IDLE or utterance.words is not None:
        return
    text = event.text.strip()
    if event.tail is not None or not text:
        return
    said = f"{text} {utterance.typed}".strip()
    draft = state.replies.draft
    if draft is not None and not same_words(draft.said, said):
        drop_draft(ctx)
    whole = is_whole_request(text) or ending_of(text, state.replies.expects) is Ending.COMPLETE
    speaking = state.candidate is CandidateState.SPEAKING
    most_ms = ctx.rules.draft_ahead_ms if speaking else ctx.rules.draft_later_beyond_ms
    if whole and wait_after(ctx, text).ms <= most_ms:
        _prepare(ctx, said)


def prepare_draft(ctx: TurnContext) -> None:
    """Have a reply to the words of the present pause made ready, unheard."""
    if ctx.state.utterance.words is not None:
        _prepare(ctx, ctx.state.utterance.text)


def _prepare(ctx: TurnContext, said: str) -> None:
    """Prepare a reply to these words, unless the draft is one."""
    state, replies = ctx.state, ctx.state.replies
    ctx.timers.clear(Timer.DRAFT)
    cause = state.next_cause
    if replies.draft is not None:
        if same_words(replies.draft.said, said) and replies.draft.cause is cause:
            return
        drop_draft(ctx)
    if replies.stopping is not None or not state.may_speak or not _may_speculate(ctx):
        return
    draft = replies.draft = replies.add(cause, said)
    ctx.emit(cmd.PrepareReply(draft.generation, draft.cause, draft.said, recorded=False))


def _may_speculate(ctx: TurnContext) -> bool:
    """Tell whether thrown away drafts, of the last minute and of all the session, leave room for
    another."""
    replies, rules = ctx.state.replies, ctx.rules
    dropped = replies.drafts_dropped_ms
    while dropped and dropped[0] <= ctx.now - MINUTE_MS:
        dropped.popleft()
    within = replies.drafts_overspent < rules.drafts_first
    return within and len(dropped) < rules.speculation_per_minute


def drop_draft(ctx: TurnContext) -> None:
    """Throw the draft away, if there is one."""
    replies = ctx.state.replies
    ctx.timers.clear(Timer.DRAFT)
    if replies.draft is not None:
        replies.drafts_dropped_ms.append(ctx.now)
        replies.drafts_overspent += 1
        ctx.emit(cmd.CancelReply(replies.draft.generation))
        replies.draft = None


def same_words(one: str, other: str) -> bool:
    """Tell whether two texts are the same words, so that a reply to one is a reply to the other.

    Capitals do not count, nor signs at the edges of words, but for question marks: "1.5" is not
    "15", "its" not "it's", and "You do?" not "You do.".
    """
    return one == other or _plain(one) == _plain(other)


def _plain(text: str) -> list[str]:
    words = []
    for word in text.casefold().replace("\u2019", "'").split():
        bare = word.strip(SIGNS)
        if "?" in word:
            words.append(f"{bare}?")
        elif bare:
            words.append(bare)
    return words


SIGNS = '.,;:!?…"()[]“”„«»–—-'
"""What a transcriber may put at a word's edge, or take away again. Signs that are read aloud ("%",
"+", "#") count as words do."""
