"""The time of the interview: it stands still in a pause, and its end closes the interview."""

from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.context import TurnContext
from sessions.turntaking.replies import reply_or_wait, request_end
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import FloorHolder, InterviewerState
from sessions.turntaking.utterances import cut_short


def stop_clock(ctx: TurnContext) -> None:
    """Let the time stand still: a pause begins."""
    ctx.state.paused_ms = ctx.now
    ctx.timers.clear(Timer.TIME_LIMIT, Timer.CLOSE_OUT)
    ctx.timers.set(Timer.PAUSE, ctx.now + ctx.rules.pause_max_ms)


def start_clock(ctx: TurnContext) -> None:
    """Let the time run on after a pause."""
    state = ctx.state
    ctx.timers.clear(Timer.PAUSE)
    if state.paused_ms is not None:
        state.limit_ms += ctx.now - state.paused_ms
        state.paused_ms = None
    if state.time_over:
        set_closing_timers(ctx)
    else:
        ctx.timers.set(Timer.TIME_LIMIT, state.limit_ms)


def set_closing_timers(ctx: TurnContext) -> None:
    """Set when the answer is cut short, and when the end comes in any case: the time is over."""
    rules = ctx.rules
    ctx.timers.set(Timer.TIME_LIMIT, ctx.now + rules.overrun_ms)
    ctx.timers.set(Timer.CLOSE_OUT, ctx.now + rules.overrun_ms + rules.close_out_ms)


def on_time_limit(ctx: TurnContext) -> None:
    """Close at the next turn boundary; the second time, cut the answer short."""
    state = ctx.state
    if state.holder in (FloorHolder.RECRUITER, FloorHolder.LOST):
        state.time_over = True  # whoever holds the floor decides how long; then it is closed
    elif not state.time_over:
        state.time_over, state.hushed = True, False
        set_closing_timers(ctx)
        reply_or_wait(ctx)
    elif state.attached and state.interviewer is InterviewerState.IDLE:
        cut_short(ctx)


def on_close_out(ctx: TurnContext) -> None:
    """End, closed or not."""
    request_end(ctx, EndReason.TIME_LIMIT)


def on_time_extended(ctx: TurnContext, event: ev.TimeExtended) -> None:
    """Let the interview last longer; once the closing words are being said it is too late."""
    state = ctx.state
    closing = state.current is not None and state.current.cause is Cause.TIME_UP
    if state.ending or closing:
        return
    state.limit_ms += event.ms
    if state.time_left_ms(ctx.now) <= 0:
        return
    state.time_over = False
    if state.owed is Cause.TIME_UP:
        state.owed = Cause.ANSWER
    ctx.timers.clear(Timer.CLOSE_OUT)
    if state.paused_ms is None:
        ctx.timers.set(Timer.TIME_LIMIT, state.limit_ms)
