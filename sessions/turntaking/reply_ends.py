"""How a reply ends, and what follows: it was heard, it failed, or it did not come in time."""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import ONCE, Cause, EndReason, SuspendReason
from sessions.turntaking.clock import begin_waiting
from sessions.turntaking.context import TurnContext
from sessions.turntaking.drafts import drop_draft, prepare_draft
from sessions.turntaking.recruiter import fulfil_unannounced, on_reply_heard
from sessions.turntaking.replies import (
    finalize_answer,
    record_reply,
    reply_or_wait,
    request_end,
)
from sessions.turntaking.state import Generation
from sessions.turntaking.timers import OF_REPLY, OVER_REPLY, Timer
from sessions.turntaking.transitions import (
    CandidateState,
    FloorHolder,
    IllegalMove,
    InterviewerCue,
    InterviewerState,
)
from sessions.turntaking.turn_closing import close_turn
from sessions.turntaking.utterances import set_patience

HELD_RETRY_MS = 1_000.0
"""How long giving a reply up is put off while it is held: it is not what is being waited for."""


# --- written, or failed ---------------------------------------------------------------------------


def on_reply_ended(ctx: TurnContext, event: ev.ReplyEnded) -> None:
    """Take in that all of the reply has been written and voiced."""
    reply = _completed(ctx, event.generation)
    if reply is None:
        return
    reply.closing, reply.expects = event.closing, event.expects
    reply.answer_max_ms = event.answer_max_ms
    reply.adjourning = event.adjourning
    if not reply.voiced:  # a reply without a word is no reply
        _fail(ctx, reply)


def on_reply_failed(ctx: TurnContext, event: ev.ReplyFailed) -> None:
    """Take in that nothing more of the reply can be had: what was voiced of it is still heard."""
    reply = _completed(ctx, event.generation)
    if reply is not None:
        _fail(ctx, reply)


def _completed(ctx: TurnContext, generation: int) -> Generation | None:
    """Return the living reply of this generation, for nothing more of which is waited."""
    replies = ctx.state.replies
    reply = replies.find(generation)
    if reply is not None:
        reply.complete = True
        if reply is replies.current:
            ctx.timers.clear(*OF_REPLY)
    return reply


def _fail(ctx: TurnContext, reply: Generation) -> None:
    """Do without the rest of the reply; where nothing of it was voiced, have it made again."""
    state, replies = ctx.state, ctx.state.replies
    reply.failed = True
    if reply is replies.draft:
        drop_draft(ctx)
    elif reply is replies.current and state.interviewer is InterviewerState.THINKING:
        state.move_interviewer(InterviewerCue.FAILED)
        ctx.emit(cmd.CancelReply(reply.generation))
        replies.current = None
        _retry(ctx, reply.cause)


def _retry(ctx: TurnContext, cause: Cause) -> None:
    """Have the reply made again, unless it was an announcement: what it announces happens without.
    Pauses between the tries grow; after so many failures in a row the session is suspended."""
    if fulfil_unannounced(ctx, cause) or not _may_fail_again(ctx):
        return
    replies = ctx.state.replies
    replies.pending_cause = cause
    pause_ms = ctx.rules.reply_retry_ms * 2.0 ** (replies.failures - 2)
    if replies.failures > 1 and pause_ms > 0:
        ctx.timers.set(Timer.RETRY, ctx.now + pause_ms)
    else:
        reply_or_wait(ctx)


def _may_fail_again(ctx: TurnContext) -> bool:
    """Count a failure, and tell whether another reply is tried.

    Otherwise the session is suspended: a bad moment of a provider ends no interview.
    """
    replies = ctx.state.replies
    replies.failures += 1
    if replies.failures < ctx.rules.reply_failures_max:
        return True
    ctx.state.ending.leaving = SuspendReason.UNAVAILABLE
    return False


def on_reply_timeout(ctx: TurnContext) -> None:
    """Give a reply up of which nothing came, or nothing more.

    Have another made, by whoever can make it at once.
    """
    state, replies = ctx.state, ctx.state.replies
    reply = replies.current
    if reply is None:
        return
    if state.interviewer is InterviewerState.HELD:
        ctx.timers.set(Timer.REPLY, ctx.now + HELD_RETRY_MS)
        return
    replies.urgent = True
    if state.interviewer is InterviewerState.THINKING:
        on_reply_failed(ctx, ev.ReplyFailed(reply.generation))
        return
    reply.failed = True
    if not _may_fail_again(ctx):
        return
    greeted = reply.has_sentence and reply.cause in ONCE
    finalize_answer(ctx)
    state.move_interviewer(InterviewerCue.STOPPED)
    ctx.emit(cmd.StopPlayback(reply.generation))
    replies.stopping, replies.current = reply, None
    replies.pending_cause = Cause.ANSWER if greeted else reply.cause


# --- heard ----------------------------------------------------------------------------------------


def on_playback_ended(ctx: TurnContext, event: ev.PlaybackEnded) -> None:
    """Put what was heard of the reply on record, and go on."""
    state, replies = ctx.state, ctx.state.replies
    stopped, played = replies.stopping, replies.current
    if stopped is not None and stopped.generation == event.generation:
        replies.stopping = None
        record_reply(ctx, stopped, event)
        on_reply_heard(ctx, stopped, event.heard_text)
        _after_stop(ctx)
    elif played is not None and played.generation == event.generation:
        if state.interviewer is InterviewerState.THINKING:
            raise IllegalMove(f"generation {event.generation} was played before it was voiced")
        replies.current = replies.pending_cause = None
        record_reply(ctx, played, event)
        on_reply_heard(ctx, played, event.heard_text)
        _after_finish(ctx, played, heard=bool(event.heard_text.strip()))


def _after_stop(ctx: TurnContext) -> None:
    """Go on after a reply that was interrupted, now that it is known what was heard of it."""
    if ctx.state.utterance.close_pending:
        close_turn(ctx)
    elif ctx.state.candidate is CandidateState.PAUSING:
        prepare_draft(ctx)
    else:
        reply_or_wait(ctx)


def _after_finish(ctx: TurnContext, reply: Generation, *, heard: bool) -> None:
    """Go on after a reply that was played to its end."""
    state, replies = ctx.state, ctx.state.replies
    state.move_interviewer(InterviewerCue.FINISHED)
    replies.last_text, replies.last_ended_ms = reply.text, ctx.now
    replies.expects, state.utterance.max_ms = reply.expects, reply.answer_max_ms
    ctx.timers.clear(*OVER_REPLY, *OF_REPLY, Timer.CROSSTALK)
    if not state.noise.spoken_over:
        state.noise.voices = 0
    finalize_answer(ctx)
    if state.candidate is CandidateState.PAUSING:  # held at its end: what was said is a turn
        set_patience(ctx)
    if reply.failed or not heard:
        greeted = heard and reply.cause in ONCE
        _retry(ctx, Cause.ANSWER if greeted else reply.cause)
    elif reply.closing:
        over = reply.cause is Cause.TIME_UP
        request_end(ctx, EndReason.TIME_LIMIT if over else EndReason.COMPLETED, closed=True)
    elif reply.adjourning:
        state.ending.leaving = SuspendReason.ADJOURNED
    else:
        replies.failures = 0
        _wait_or_reply(ctx, reply)


def _wait_or_reply(ctx: TurnContext, reply: Generation) -> None:
    """Wait for the candidate who was told so, and is silent; otherwise go on."""
    state = ctx.state
    quiet = state.candidate is CandidateState.QUIET and not state.request.cause
    if reply.cause is Cause.AWAY and quiet and state.holder is FloorHolder.INTERVIEWER:
        begin_waiting(ctx)
    reply_or_wait(ctx)
