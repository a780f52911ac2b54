"""Fixed replies, which no language model writes: announcements, farewells, facts of the interview.

They are the same for every interviewer: they must not fail, and not wait.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from sessions.interviewer.after_a_cut import after_a_cut
from sessions.interviewer.announcements import ANNOUNCEMENTS, SOMEBODY
from sessions.interviewer.enquiry_reply import MAX_TO_DO_CHARS, TO_DO, enquiry_reply
from sessions.interviewer.postponement import ADJOURN, FAREWELL, UNHEARD_FAREWELL, is_postponed
from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import Conversation, Interviewer, Move, MoveKind, ReplyPart
from sessions.turntaking.causes import Cause


@dataclass(frozen=True, slots=True)
class FixedReply:
    """Fixed reply: one whose words are not written but known."""

    move: Move
    """What the reply does."""

    text: str
    """Words of the reply."""


def fixed_reply(conversation: Conversation) -> FixedReply | None:
    """Return the fixed reply that is due, or None if the interviewer is to write the reply. Pure.

    The question that is open stays open: a fixed reply asks and answers nothing of the plan.
    """
    if conversation.cause is Cause.AWAY and conversation.telephone:  # nobody waits on a line
        return FixedReply(_hold(conversation, ADJOURN, 1), UNHEARD_FAREWELL)
    announcement = ANNOUNCEMENTS.get(conversation.cause)
    if announcement is not None:
        text = announcement.format(actor=conversation.actor or SOMEBODY)
        if conversation.cause is Cause.END:
            return FixedReply(Move(MoveKind.CLOSE, None, {"notice": "end"}), text)
        return FixedReply(_hold(conversation, "notice", conversation.cause.value), text)
    if is_postponed(conversation):
        return FixedReply(_hold(conversation, ADJOURN, 1), conversation.preface + FAREWELL)
    cut = after_a_cut(conversation)
    if cut is not None:
        return FixedReply(cut[0], conversation.preface + cut[1])
    enquiry = enquiry_reply(conversation, progress_in(conversation))
    if enquiry is not None and not conversation.hint:
        return FixedReply(enquiry[0], conversation.preface + enquiry[1])
    return None


async def reply_parts(
    interviewer: Interviewer, conversation: Conversation
) -> AsyncGenerator[ReplyPart, None]:
    """Stream the fixed reply that is due, or else the interviewer's.

    The interviewer's has `conversation.preface` before its text. Raises InterviewerError.
    """
    fixed = fixed_reply(conversation)
    if fixed is not None:
        yield fixed.move
        yield fixed.text
        return
    preface = conversation.preface
    async with aclosing(interviewer.reply(conversation)) as parts:
        async for part in parts:
            yield _with_to_do(part, conversation) if isinstance(part, Move) else part
            if preface and isinstance(part, Move):
                yield preface
                preface = ""


def _with_to_do(move: Move, conversation: Conversation) -> Move:
    """Note a question of the candidate's own as a to-do: the recruiter is said to follow up."""
    pending = progress_in(conversation).pending
    if move.kind is not MoveKind.ANSWER or not pending or TO_DO in move.detail:
        return move
    return replace(move, detail={**move.detail, TO_DO: pending[-1][:MAX_TO_DO_CHARS]})


def _hold(conversation: Conversation, key: str, value: str | int) -> Move:
    """Return a move that leaves the current question as it is."""
    current = progress_in(conversation).current
    return Move(MoveKind.HOLD, None if current is None else current.id, {key: value})
