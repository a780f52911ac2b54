"""The interviewer's replies: prepared, released, stopped, put on record, and when one is pending.

These functions know nothing of how an utterance is closed or what a recruiter wants; the modules
that do stand above and call them.
"""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import FIRM, Cause, EndReason
from sessions.turntaking.clock import end_waiting
from sessions.turntaking.context import TurnContext
from sessions.turntaking.drafts import drop_draft
from sessions.turntaking.endpointing.utterance_end import Ending, ending_of
from sessions.turntaking.state import Answer, Generation
from sessions.turntaking.timers import OF_REPLY, OVER_REPLY, Timer
from sessions.turntaking.transitions import (
    CandidateState,
    FloorHolder,
    InterviewerCue,
    InterviewerState,
)
from sessions.turntaking.turns import Speaker


def request_end(ctx: TurnContext, reason: EndReason, *, closed: bool = False) -> None:
    """Say nothing more, and end once everything said is on record. The first reason counts."""
    ending = ctx.state.ending
    if not ending.reason:
        ending.reason, ending.closed = reason, closed


# --- released replies -----------------------------------------------------------------------------


def request_reply(ctx: TurnContext, cause: Cause) -> None:
    """Have a reply made, and heard as soon as it can be."""
    state, replies = ctx.state, ctx.state.replies
    replies.pending_cause = cause
    if not state.may_speak or replies.stopping is not None:
        return
    end_waiting(ctx)
    ctx.timers.clear(Timer.IDLE, Timer.RETRY)
    reply = replies.add(cause)
    ctx.emit(
        cmd.PrepareReply(
            reply.generation, cause, idle_level=state.noise.idle_level, urgent=replies.urgent
        )
    )
    release(ctx, reply)


def release(ctx: TurnContext, reply: Generation) -> None:
    """Let a prepared reply be heard, and time how long the candidate waits for it."""
    state, rules, timers = ctx.state, ctx.rules, ctx.timers
    end_waiting(ctx)
    state.noise.idle_due_ms = None
    state.noise.spoken_over = state.utterance.ignored_onset_ms is not None
    state.replies.current = reply
    timers.clear(Timer.RETRY)
    state.move_interviewer(InterviewerCue.RELEASED)
    ctx.emit(cmd.ReleaseReply(reply.generation))
    timers.clear(*OF_REPLY)
    if not reply.voiced:
        if reply.cause not in FIRM:  # an announcement has fixed words: only its sound is waited for
            timers.set(Timer.FILLER, ctx.now + rules.filler_ms)
        timers.set(Timer.REPLY, ctx.now + rules.reply_wait_ms)
        return
    state.move_interviewer(InterviewerCue.VOICED)
    if not reply.complete:
        timers.set(Timer.REPLY, ctx.now + rules.reply_stall_ms)


def cancel_reply(ctx: TurnContext) -> None:
    """Throw away the released reply, of which there is no sound yet."""
    state, replies = ctx.state, ctx.state.replies
    ctx.timers.clear(*OF_REPLY)
    state.move_interviewer(InterviewerCue.CANCELLED)
    ctx.emit(cmd.CancelReply(replies.released.generation))
    replies.current = None


def stop_reply(ctx: TurnContext) -> None:
    """Stop the reply that sounds, or is held, for good: the candidate interrupts.

    `record_reply` decides whether it stays pending, when it is known what was heard of it.
    """
    state, utterance, replies = ctx.state, ctx.state.utterance, ctx.state.replies
    reply = replies.released
    replies.pending_cause = None
    utterance.interrupting = True
    if utterance.answer is not None:
        reply.taken_back = True
        reopen_answer(ctx, utterance.answer)
    ctx.timers.clear(*OF_REPLY, *OVER_REPLY)
    state.move_interviewer(InterviewerCue.STOPPED)
    ctx.emit(cmd.StopPlayback(reply.generation))
    replies.stopping, replies.current = reply, None


def silence_interviewer(ctx: TurnContext) -> None:
    """Stop or throw away whatever the interviewer says or prepares."""
    state = ctx.state
    ctx.timers.clear(Timer.IDLE)
    drop_draft(ctx)
    if state.candidate is CandidateState.QUIET:  # nobody has interrupted: nothing to take back
        finalize_answer(ctx)
    if state.interviewer is InterviewerState.THINKING:
        cancel_reply(ctx)
    elif state.interviewer is not InterviewerState.IDLE:
        stop_reply(ctx)


def reply_or_wait(ctx: TurnContext) -> None:
    """Where both parties may be silent now.

    Give the reply that is pending, or wait for the candidate until the next idle prompt.
    """
    state, replies, noise = ctx.state, ctx.state.replies, ctx.state.noise
    quiet = state.candidate is CandidateState.QUIET
    if not (quiet and state.interviewer is InterviewerState.IDLE and state.may_speak):
        return
    if state.utterance.put_off_ms is not None and state.request.cause not in FIRM:
        return  # those words come first
    if ctx.timers.armed(Timer.RETRY) and not state.request.cause:
        return
    if state.clock.over or state.request.cause:
        replies.pending_cause = state.next_cause
    if replies.pending_cause and not replies.silenced_by_candidate:
        request_reply(ctx, replies.pending_cause)
    elif state.holder is not FloorHolder.WAITING:
        ctx.timers.set(Timer.IDLE, ctx.now + _silence_ms(ctx) * ctx.rules.accommodation)
    if ctx.timers.armed(Timer.IDLE):
        hurry_idle_prompt(ctx)
        noise.idle_due_ms = ctx.timers.due(Timer.IDLE)


def _silence_ms(ctx: TurnContext) -> float:
    """Return how long the present silence may last."""
    rules, level = ctx.rules, ctx.state.noise.idle_level
    if level == 0:
        return rules.idle_first_ms
    return rules.idle_next_ms if level < rules.idle_prompts_max else rules.idle_last_ms


def hurry_idle_prompt(ctx: TurnContext) -> None:
    """Prompt sooner, once, where the microphone is dead: nobody need wait to hear of it."""
    due_ms, noise = ctx.timers.due(Timer.IDLE), ctx.state.noise
    dead = noise.sound in (ev.Sound.SILENT, ev.Sound.MUTED)
    if due_ms is not None and dead and not noise.dead_told:
        ctx.timers.set(Timer.IDLE, min(due_ms, ctx.now + ctx.rules.no_sound_ms))


# --- the answer before the reply, while it may be reopened ----------------------------------------


def reopen_answer(ctx: TurnContext, answer: Answer) -> None:
    """Open the answer before the reply again.

    The reply came too early, and both parts are one turn. Words that are on their way would be only
    its end, and are dropped when they come.
    """
    utterance = ctx.state.utterance
    if answer.reopened:
        return
    answer.reopened = True
    learn_pause(ctx, answer.pause_ms, answer.words.text)
    utterance.started_ms = answer.started_ms
    if ctx.timers.armed(Timer.TRANSCRIPT):
        utterance.attempt += 1
        ctx.timers.clear(Timer.TRANSCRIPT)
    ctx.emit(cmd.ReopenTurn(answer.index, utterance.number))


def learn_pause(ctx: TurnContext, gap_ms: float, text: str) -> None:
    """Remember that this candidate was silent for so long after `text`, and went on.

    After what could have been all, it says how long to wait for them from now on.
    """
    utterance = ctx.state.utterance
    utterance.longest_gap_ms = max(utterance.longest_gap_ms or 0.0, gap_ms)
    if ending_of(text, ctx.state.replies.expects) is Ending.COMPLETE:
        utterance.own_pause_ms = max(utterance.own_pause_ms, gap_ms)


def finalize_answer(ctx: TurnContext) -> None:
    """Close the answer before the reply for good: it cannot be reopened any more."""
    state, utterance = ctx.state, ctx.state.utterance
    ctx.timers.clear(Timer.TAKE_BACK)
    if utterance.answer is not None and not utterance.answer.reopened:
        utterance.answer = None
        if state.candidate is CandidateState.QUIET:
            ctx.emit(cmd.DropUtterance(utterance.number))


# --- what the session tells of a reply ------------------------------------------------------------


def on_sentence(ctx: TurnContext, event: ev.SentenceReady) -> None:
    """Take in that there is sound of another sentence."""
    state, replies, timers = ctx.state, ctx.state.replies, ctx.timers
    reply = replies.find(event.generation)
    if reply is None:
        return
    reply.voiced = True
    reply.text = f"{reply.text} {event.text}".strip()
    if reply is replies.current and state.interviewer is InterviewerState.THINKING:
        state.move_interviewer(InterviewerCue.VOICED)
    if event.filler:
        return
    reply.has_sentence = True
    timers.clear(Timer.FILLER)
    if reply is replies.current:
        replies.urgent = False
        if not reply.complete:
            timers.set(Timer.REPLY, ctx.now + ctx.rules.reply_stall_ms)


def on_filler(ctx: TurnContext) -> None:
    """Bridge the wait for a reply by a word."""
    if ctx.state.interviewer is InterviewerState.THINKING:
        ctx.emit(cmd.SayFiller(ctx.state.replies.released.generation))


def on_playback_started(ctx: TurnContext, event: ev.PlaybackStarted) -> None:
    """Take in that the candidate hears the reply; from now on it may be taken back for a while."""
    state, replies = ctx.state, ctx.state.replies
    for reply in (replies.current, replies.stopping):
        if reply is not None and reply.generation == event.generation:
            reply.started_ms = event.at_ms
            quiet = state.candidate is CandidateState.QUIET
            if quiet and state.utterance.answer is not None:
                ctx.timers.set(Timer.TAKE_BACK, event.at_ms + ctx.rules.take_back_ms)


def record_reply(ctx: TurnContext, reply: Generation, event: ev.PlaybackEnded) -> None:
    """Put on record what was heard.

    What nobody heard was never said, and stays pending. Of a reply that was taken back, only what
    could be understood counts.
    """
    state, replies = ctx.state, ctx.state.replies
    heard_words = len(event.heard_text.split())
    if reply.taken_back and heard_words < max(1, ctx.rules.understandable_words):
        return
    if heard_words == 0:
        if replies.pending_cause in (None, Cause.UNHEARD):
            replies.pending_cause = reply.cause
        return
    state.begun = True
    if replies.pending_cause is Cause.OPENING:  # a new leg came before this was known
        replies.pending_cause = Cause.RESUME
    ctx.emit(
        cmd.CheckpointTurn(
            index=state.take_index(),
            speaker=Speaker.INTERVIEWER,
            text=event.text,
            heard_text=event.heard_text,
            started_ms=event.at_ms if reply.started_ms is None else reply.started_ms,
            ended_ms=event.at_ms,
            interrupted=event.heard_text != event.text,
            generation=reply.generation,
        )
    )
