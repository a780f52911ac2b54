"""The candidate's connection: a leg attaches, is lost, and nobody comes back."""

from sessions.turntaking.causes import Cause
from sessions.turntaking.context import TurnContext
from sessions.turntaking.replies import request_reply, silence_interviewer
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateState
from sessions.turntaking.utterances import cut_short


def on_attached(ctx: TurnContext) -> None:
    """Open the interview, or resume it."""
    state = ctx.state
    if state.attached:  # a newer leg takes the older one's place
        on_detached(ctx)
    state.attached = True
    state.ending.leaving = state.ending.adjourned = False
    state.replies.silenced_by_candidate = False
    ctx.timers.clear(Timer.LEG_GRACE)
    cause = state.replies.pending_cause = state.request.cause or _greeting(ctx)
    if state.candidate is CandidateState.QUIET:
        request_reply(ctx, cause)


def _greeting(ctx: TurnContext) -> Cause:
    """Return the cause of what is said first to a candidate who is connected."""
    if ctx.state.clock.over:
        return Cause.TIME_UP
    return Cause.RESUME if ctx.state.begun else Cause.OPENING


def on_detached(ctx: TurnContext) -> None:
    """Silence the interviewer, and close the candidate's turn on the words so far."""
    ctx.state.attached = False
    silence_interviewer(ctx)
    cut_short(ctx)
    ctx.state.utterance.ignored_onset_ms = None
    ctx.timers.set(Timer.LEG_GRACE, ctx.now + ctx.rules.leg_grace_ms)


def on_leg_grace(ctx: TurnContext) -> None:
    """Leave memory: nobody has come back."""
    ctx.state.ending.leaving = True
