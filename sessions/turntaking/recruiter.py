"""The recruiter's part: requests at the next turn boundary, pauses, and who holds the floor.

A request is the cause of a reply, which tells the candidate and takes the place of whatever else
the interviewer would say next. It is fulfilled once some of that reply has been heard. Where nobody
speaks, that is a turn boundary, too.
"""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import FIRM, Cause, EndReason
from sessions.turntaking.clock import end_waiting, set_closing_timers, start_clock, stop_clock
from sessions.turntaking.context import TurnContext
from sessions.turntaking.noise_and_limits import resume_timers, suspend_timers
from sessions.turntaking.replies import (
    cancel_reply,
    finalize_answer,
    reply_or_wait,
    request_end,
    silence_interviewer,
)
from sessions.turntaking.state import Generation
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import FloorCue, FloorHolder, InterviewerState
from sessions.turntaking.turns import Speaker
from sessions.turntaking.utterances import cut_short

# --- requests -------------------------------------------------------------------------------------


def on_request(ctx: TurnContext, event: ev.RequestMade) -> None:
    """Take in what a recruiter wants at the next turn boundary."""
    if ctx.state.ending.reason:
        return
    end_waiting(ctx)
    if event.cause is Cause.TAKE_OVER:
        move_floor(ctx, FloorCue.ASKED)
    _request(ctx, event.cause, force=event.force)


def on_end_requested_by_recruiter(ctx: TurnContext, event: ev.EndRequestedByRecruiter) -> None:
    """Have the interviewer say goodbye, whoever holds the floor."""
    state = ctx.state
    if state.ending.reason:
        return
    end_waiting(ctx)
    if state.holder is FloorHolder.PAUSED:
        start_clock(ctx)
        move_floor(ctx, FloorCue.GONE_ON)
    elif state.holder is not FloorHolder.INTERVIEWER:
        _return_floor(ctx)
    _request(ctx, Cause.END, force=event.force)


def _request(ctx: TurnContext, cause: Cause, *, force: bool) -> None:
    """Let this be said next, or at once with `force`."""
    request = ctx.state.request
    request.cause, request.forced = cause, force
    if force:
        silence_interviewer(ctx)
        cut_short(ctx)
    reply_or_wait(ctx)


def _withdraw(ctx: TurnContext, cause: Cause, otherwise: Cause) -> None:
    """Drop a request that is not wanted any more. If it has taken a reply's place, or is just being
    announced, the interviewer goes on with a word on it (the cause `otherwise`)."""
    state, request = ctx.state, ctx.state.request
    under_way = state.replies.pending_cause is cause
    if under_way and state.interviewer is InterviewerState.THINKING:
        cancel_reply(ctx)
    request.cause, request.forced = otherwise if under_way else None, False
    reply_or_wait(ctx)


def on_reply_heard(ctx: TurnContext, reply: Generation, heard_text: str) -> None:
    """Fulfil the request that this reply has told the candidate of."""
    told = reply.cause is ctx.state.request.cause and reply.has_sentence  # not only a filler
    if told and heard_text.strip():
        _fulfil(ctx, reply.cause)


def fulfil_unannounced(ctx: TurnContext, cause: Cause) -> bool:
    """Fulfil a request whose announcement cannot be voiced, and tell whether `cause` was one.

    The candidate's page shows it as well. The answer before it gets no reply that could be taken
    back.
    """
    if cause not in FIRM or cause is not ctx.state.request.cause:
        return False
    finalize_answer(ctx)
    _fulfil(ctx, cause)
    reply_or_wait(ctx)
    return True


def _fulfil(ctx: TurnContext, cause: Cause) -> None:
    """Do what a recruiter requested, now that the candidate knows of it."""
    request = ctx.state.request
    request.cause, request.forced = None, False
    match cause:
        case Cause.TAKE_OVER:
            move_floor(ctx, FloorCue.ANNOUNCED)
        case Cause.PAUSE:
            stop_clock(ctx)
            move_floor(ctx, FloorCue.STOPPED)
            cut_short(ctx)  # an answer that was begun meanwhile: nobody listens to its rest
        case Cause.END:
            request_end(ctx, EndReason.RECRUITER)
        case _:  # the reply was all that was requested
            pass


# --- the floor ------------------------------------------------------------------------------------


def move_floor(ctx: TurnContext, cue: FloorCue) -> None:
    """Move the interviewer's side of the floor, and what is timed with it."""
    state = ctx.state
    led = state.interviewer_leads
    state.move_floor(cue)
    if state.holder is FloorHolder.RECRUITER:
        state.replies.generation += 1  # the recruiter's voice has a number of its own
        if state.clock.over:  # whoever holds the floor decides how long
            ctx.timers.clear(Timer.TIME_LIMIT, Timer.CLOSE_OUT)
    if led and not state.interviewer_leads:
        suspend_timers(ctx)
    elif state.interviewer_leads and not led:
        resume_timers(ctx)
    ctx.emit(cmd.MoveFloor(state.holder, state.replies.generation))


def _return_floor(ctx: TurnContext) -> None:
    """Move the floor back to the interviewer."""
    ctx.timers.clear(Timer.RECRUITER_GRACE)
    move_floor(ctx, FloorCue.RETURNED)
    if ctx.state.clock.over:
        set_closing_timers(ctx)


def give_floor_back(ctx: TurnContext) -> None:
    """Let the interviewer have the floor again, and go on with the plan, or close."""
    state = ctx.state
    if state.holder is FloorHolder.PASSING:
        _return_floor(ctx)
        _withdraw(ctx, Cause.TAKE_OVER, otherwise=Cause.HAND_BACK)
        return
    _return_floor(ctx)
    state.replies.pending_cause = None
    state.request.cause = None if state.clock.over else Cause.HAND_BACK
    reply_or_wait(ctx)


def on_recruiter_lost(ctx: TurnContext) -> None:
    """Keep the floor for a recruiter whose connection is lost, but only for a while."""
    if ctx.state.holder is FloorHolder.PASSING:
        give_floor_back(ctx)
        return
    move_floor(ctx, FloorCue.CUT_OFF)
    ctx.timers.set(Timer.RECRUITER_GRACE, ctx.now + ctx.rules.recruiter_grace_ms)


def on_recruiter_back(ctx: TurnContext) -> None:
    """Give the floor to the recruiter who is connected again."""
    ctx.timers.clear(Timer.RECRUITER_GRACE)
    move_floor(ctx, FloorCue.REJOINED)


def on_recruiter_said(ctx: TurnContext, event: ev.RecruiterSaid) -> None:
    """Put the recruiter's turn on record."""
    ctx.emit(
        cmd.CheckpointTurn(
            index=ctx.state.take_index(),
            speaker=Speaker.RECRUITER,
            text=event.text,
            heard_text=event.text,
            started_ms=event.started_ms,
            ended_ms=min(event.ended_ms, ctx.now),
            confidence=event.confidence,
        )
    )


# --- the pause ------------------------------------------------------------------------------------


def on_unpaused(ctx: TurnContext) -> None:
    """Go on after the pause, or withdraw the one that was not announced yet."""
    if ctx.state.holder is FloorHolder.PAUSED:
        end_pause(ctx)
    elif ctx.state.request.cause is Cause.PAUSE:
        _withdraw(ctx, Cause.PAUSE, otherwise=Cause.UNPAUSE)


def end_pause(ctx: TurnContext) -> None:
    """Go on after the pause."""
    start_clock(ctx)
    move_floor(ctx, FloorCue.GONE_ON)
    _request(ctx, Cause.UNPAUSE, force=False)
