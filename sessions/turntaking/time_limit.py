"""The time of the interview: when it runs, and how its end closes the interview."""

from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.context import TurnContext
from sessions.turntaking.replies import reply_or_wait, request_end
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import FloorHolder, InterviewerState
from sessions.turntaking.utterances import cut_short


def stop_clock(ctx: TurnContext) -> None:
    """Let the time stand still: a pause begins."""
    ctx.state.clock.paused_since_ms = ctx.now
    ctx.timers.clear(Timer.TIME_LIMIT, Timer.CLOSE_OUT)
    ctx.timers.set(Timer.PAUSE, ctx.now + ctx.rules.pause_max_ms)


def start_clock(ctx: TurnContext) -> None:
    """Let the time run, after a pause or from the candidate's beginning on."""
    clock = ctx.state.clock
    ctx.timers.clear(Timer.PAUSE)
    if clock.paused_since_ms is not None:
        clock.limit_ms += ctx.now - clock.paused_since_ms
        clock.paused_since_ms = None
    if clock.over:
        set_closing_timers(ctx)
    else:
        ctx.timers.set(Timer.TIME_LIMIT, clock.limit_ms)


def set_closing_timers(ctx: TurnContext) -> None:
    """Set when the answer is cut short, and when the end comes in any case: the time is over."""
    rules = ctx.rules
    ctx.timers.set(Timer.TIME_LIMIT, ctx.now + rules.overrun_ms)
    ctx.timers.set(Timer.CLOSE_OUT, ctx.now + rules.overrun_ms + rules.close_out_ms)


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
