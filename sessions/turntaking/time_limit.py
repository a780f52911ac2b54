"""The end of the interview's time: how it closes the interview, and how it is put off."""

from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.clock import set_closing_timers
from sessions.turntaking.context import TurnContext
from sessions.turntaking.replies import reply_or_wait, request_end
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import FloorHolder, InterviewerState
from sessions.turntaking.utterances import cut_short


def on_time_limit(ctx: TurnContext) -> None:
    """Close at the next turn boundary; the second time, cut the answer short.

    A recruiter who holds the floor decides how long: then it is closed once the floor is given
    back.
    """
    state, clock = ctx.state, ctx.state.clock
    if state.holder in (FloorHolder.RECRUITER, FloorHolder.LOST):
        clock.over = True
    elif not clock.over:
        clock.over, state.replies.silenced_by_candidate = True, False
        set_closing_timers(ctx)
        reply_or_wait(ctx)
    elif state.attached and state.interviewer is InterviewerState.IDLE:
        cut_short(ctx)


def on_close_out(ctx: TurnContext) -> None:
    """End, closed or not."""
    request_end(ctx, EndReason.TIME_LIMIT)


def on_time_extended(ctx: TurnContext, event: ev.TimeExtended) -> None:
    """Let the interview last longer; once the closing words are being said it is too late."""
    state, clock, replies = ctx.state, ctx.state.clock, ctx.state.replies
    closing = replies.current is not None and replies.current.cause is Cause.TIME_UP
    if state.ending.reason or closing:
        return
    clock.limit_ms += event.ms
    if clock.left_ms(ctx.now) <= 0:
        return
    clock.over = False
    if replies.pending_cause is Cause.TIME_UP:
        replies.pending_cause = Cause.ANSWER
    ctx.timers.clear(Timer.CLOSE_OUT)
    if clock.paused_since_ms is None:
        ctx.timers.set(Timer.TIME_LIMIT, clock.limit_ms)
