"""The clock of the interview: when its time runs and when it stands still, and who is waited for.

While a candidate who has answered no prompt is waited for, the time stands still and nothing is
said. It is over with the next reply, whatever that is the answer to.
"""

from sessions.turntaking import commands as cmd
from sessions.turntaking.context import TurnContext
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import FloorCue, FloorHolder


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


def begin_waiting(ctx: TurnContext) -> None:
    """Wait for a candidate who has said nothing for so long, without a word."""
    stop_clock(ctx)
    _move_floor(ctx, FloorCue.UNANSWERED)


def end_waiting(ctx: TurnContext) -> None:
    """Let the interview go on, if the candidate was waited for."""
    if ctx.state.holder is FloorHolder.WAITING:
        start_clock(ctx)
        ctx.state.noise.idle_level = 0  # the prompts begin anew
        _move_floor(ctx, FloorCue.GONE_ON)


def _move_floor(ctx: TurnContext, cue: FloorCue) -> None:
    """Move the floor, which stays on the interviewer's side: nothing is timed anew."""
    ctx.state.move_floor(cue)
    ctx.emit(cmd.MoveFloor(ctx.state.holder, ctx.state.replies.generation))
