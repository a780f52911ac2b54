"""The candidate's connection: a leg arrives, begins, is lost, and nobody comes back."""

from sessions.turntaking.causes import Cause, SuspendReason
from sessions.turntaking.clock import start_clock
from sessions.turntaking.context import TurnContext
from sessions.turntaking.replies import request_reply, silence_interviewer
from sessions.turntaking.time_limit import on_time_limit
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateState
from sessions.turntaking.utterances import cut_short, hear_put_off_words


def on_connected(ctx: TurnContext) -> None:
    """Wait for the candidate to begin, however long it takes: somebody is there."""
    ctx.state.connected = True
    ctx.timers.clear(Timer.LEG_GRACE)


def on_attached(ctx: TurnContext) -> None:
    """Open the interview, or resume it."""
    state = ctx.state
    if state.attached:  # a newer leg takes the older one's place
        on_disconnected(ctx)
    on_connected(ctx)
    _start_time(ctx)
    state.attached = True
    if state.ending.leaving is not SuspendReason.SERVER_STOPS:  # whoever comes late finds another
        state.ending.leaving = None
    state.replies.silenced_by_candidate = False
    state.noise.forget()  # whoever comes back is there
    cause = state.replies.pending_cause = state.request.cause or _greeting(ctx)
    if state.candidate is CandidateState.QUIET:
        request_reply(ctx, cause)


def _start_time(ctx: TurnContext) -> None:
    """Let the time run when the candidate begins for the first time. It may be over by then, where
    an interview is resumed."""
    clock = ctx.state.clock
    if not clock.started:
        clock.started = True
        start_clock(ctx)
        if clock.left_ms(ctx.now) <= 0:
            on_time_limit(ctx)


def _greeting(ctx: TurnContext) -> Cause:
    """Return the cause of what is said first to a candidate who has begun."""
    if ctx.state.clock.over:
        return Cause.TIME_UP
    return Cause.RESUME if ctx.state.begun else Cause.OPENING


def on_disconnected(ctx: TurnContext) -> None:
    """Silence the interviewer, and close the candidate's turn on the words so far.

    If nobody comes back, the session leaves memory.
    """
    state = ctx.state
    if state.attached:
        state.attached = False
        silence_interviewer(ctx)
        hear_put_off_words(ctx)
        cut_short(ctx)
        state.utterance.ignored_onset_ms = state.utterance.put_off_ms = None
        state.noise.voices = 0
        ctx.timers.clear(Timer.CROSSTALK)
    state.connected = False
    ctx.timers.set(Timer.LEG_GRACE, ctx.now + ctx.rules.leg_grace_ms)


def on_leg_grace(ctx: TurnContext) -> None:
    """Leave memory: nobody has come back."""
    ctx.state.ending.leaving = SuspendReason.ALONE
