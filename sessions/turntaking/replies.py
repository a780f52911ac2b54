"""The interviewer's replies: prepared, released, stopped, put on record, and when one is owed.

These functions know nothing of how an utterance is closed or what a recruiter wants; the modules
that do stand above and call them.
"""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import FIRM, Cause, EndReason
from sessions.turntaking.context import TurnContext
from sessions.turntaking.endpointing.utterance_end import Ending, ending_of
from sessions.turntaking.state import Answer, Generation
from sessions.turntaking.timers import OF_REPLY, OVER_REPLY, Timer
from sessions.turntaking.transitions import CandidateState, InterviewerCue, InterviewerState
from sessions.turntaking.turns import Speaker

MINUTE_MS = 60_000.0


def request_end(ctx: TurnContext, reason: EndReason, *, completed: bool = False) -> None:
    """Say nothing more, and end once everything said is on record. The first reason counts."""
    if not ctx.state.ending:
        ctx.state.ending, ctx.state.completed = reason, completed


# --- drafts: replies that are prepared while patience still runs ----------------------------------


def prepare_draft(ctx: TurnContext) -> None:
    """Have a reply to the words so far made ready, unheard."""
    state = ctx.state
    if state.words is None or state.stopping is not None or not state.may_speak:
        return
    if not _may_speculate(ctx):
        return
    state.draft = state.new_reply(state.cause, state.said)
    ctx.emit(cmd.PrepareReply(state.draft.generation, state.cause, state.said, recorded=False))


def _may_speculate(ctx: TurnContext) -> bool:
    """Tell whether the last minute's thrown away drafts leave room for another."""
    thrown = ctx.thrown_away
    while thrown and thrown[0] <= ctx.now - MINUTE_MS:
        thrown.popleft()
    return len(thrown) < ctx.rules.speculation_per_minute


def drop_draft(ctx: TurnContext) -> None:
    """Throw the draft away, if there is one."""
    if ctx.state.draft is not None:
        ctx.thrown_away.append(ctx.now)
        ctx.emit(cmd.CancelReply(ctx.state.draft.generation))
        ctx.state.draft = None


# --- released replies -----------------------------------------------------------------------------


def request_reply(ctx: TurnContext, cause: Cause) -> None:
    """Have a reply made, and heard as soon as it can be."""
    state = ctx.state
    state.owed = cause
    if not state.may_speak or state.stopping is not None:
        return
    ctx.timers.clear(Timer.IDLE)
    reply = state.new_reply(cause, "")
    ctx.emit(
        cmd.PrepareReply(reply.generation, cause, idle_level=state.idle_level, urgent=state.urgent)
    )
    release(ctx, reply)


def release(ctx: TurnContext, reply: Generation) -> None:
    """Let a prepared reply be heard, and time how long the candidate waits for it."""
    state, rules, timers = ctx.state, ctx.rules, ctx.timers
    state.idle_due_ms = None
    state.current = reply
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
    ctx.timers.clear(*OF_REPLY)
    ctx.state.move_interviewer(InterviewerCue.CANCELLED)
    ctx.emit(cmd.CancelReply(ctx.state.playing.generation))
    ctx.state.current = None


def stop_reply(ctx: TurnContext) -> None:
    """Stop the reply that sounds, or is held, for good: the candidate interrupts. Whether it is
    still owed is known when it is known what was heard of it."""
    state = ctx.state
    state.owed = None
    state.interrupting = True
    if state.answer is not None:
        state.playing.taken_back = True
        reopen_answer(ctx, state.answer)
    ctx.timers.clear(*OF_REPLY, *OVER_REPLY)
    state.move_interviewer(InterviewerCue.STOPPED)
    ctx.emit(cmd.StopPlayback(state.playing.generation))
    state.stopping, state.current = state.current, None


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
    """Where both parties may be silent now: give the reply that is owed, or wait for the candidate
    until the next idle prompt."""
    state, rules, timers = ctx.state, ctx.rules, ctx.timers
    both_silent = (
        state.candidate is CandidateState.QUIET and state.interviewer is InterviewerState.IDLE
    )
    if not both_silent or not state.may_speak:
        return
    if state.time_over or state.wish:
        state.owed = state.cause
    if state.owed and not state.hushed:
        request_reply(ctx, state.owed)
    else:
        wait_ms = rules.idle_first_ms if state.idle_level == 0 else rules.idle_next_ms
        timers.set(Timer.IDLE, ctx.now + wait_ms * rules.accommodation)
    if timers.armed(Timer.IDLE):
        hurry_idle_prompt(ctx)
        state.idle_due_ms = timers.due(Timer.IDLE)


def hurry_idle_prompt(ctx: TurnContext) -> None:
    """Prompt sooner where the microphone is dead: nobody need wait for long to hear of it."""
    due = ctx.timers.due(Timer.IDLE)
    if due is not None and ctx.state.sound is ev.Sound.SILENT:
        ctx.timers.set(Timer.IDLE, min(due, ctx.now + ctx.rules.no_sound_ms))


# --- the answer before the reply, while it may be reopened ----------------------------------------


def reopen_answer(ctx: TurnContext, answer: Answer) -> None:
    """Open the answer before the reply again: the reply came too early, and both parts are one
    turn. Words that are on their way would be only its end: they are fenced off."""
    state = ctx.state
    if answer.reopened:
        return
    answer.reopened = True
    learn_pause(ctx, answer.pause_ms, answer.words.text)
    state.utterance_started_ms = answer.started_ms
    if ctx.timers.armed(Timer.TRANSCRIPT):
        state.attempt += 1
        ctx.timers.clear(Timer.TRANSCRIPT)
    ctx.emit(cmd.ReopenTurn(answer.index, state.utterance))


def learn_pause(ctx: TurnContext, gap_ms: float, text: str) -> None:
    """Remember that this candidate was silent for so long after `text`, and went on. After what
    could have been all, it says how long to wait for them from now on."""
    state = ctx.state
    state.longest_gap_ms = max(state.longest_gap_ms or 0.0, gap_ms)
    if ending_of(text, state.expects) is Ending.COMPLETE:
        state.own_pause_ms = max(state.own_pause_ms, gap_ms)


def finalize_answer(ctx: TurnContext) -> None:
    """Close the answer before the reply for good: it cannot be reopened any more."""
    state = ctx.state
    ctx.timers.clear(Timer.TAKE_BACK)
    if state.answer is not None and not state.answer.reopened:
        state.answer = None
        if state.candidate is CandidateState.QUIET:
            ctx.emit(cmd.DropUtterance(state.utterance))


# --- what the session tells of a reply ------------------------------------------------------------


def on_sentence(ctx: TurnContext, event: ev.SentenceReady) -> None:
    """Take in that there is sound of another sentence."""
    state, timers = ctx.state, ctx.timers
    reply = state.find(event.generation)
    if reply is None:
        return
    reply.voiced = True
    reply.text = f"{reply.text} {event.text}".strip()
    if reply is state.current and state.interviewer is InterviewerState.THINKING:
        state.move_interviewer(InterviewerCue.VOICED)
    if event.filler:
        return
    reply.spoke = True
    timers.clear(Timer.FILLER)
    if reply is state.current:
        state.urgent = False
        if not reply.complete:
            timers.set(Timer.REPLY, ctx.now + ctx.rules.reply_stall_ms)


def on_filler(ctx: TurnContext) -> None:
    """Bridge the wait for a reply by a word."""
    if ctx.state.interviewer is InterviewerState.THINKING:
        ctx.emit(cmd.SayFiller(ctx.state.playing.generation))


def on_playback_started(ctx: TurnContext, event: ev.PlaybackStarted) -> None:
    """Take in that the candidate hears the reply; from now on it may be taken back for a while."""
    state = ctx.state
    for reply in (state.current, state.stopping):
        if reply is not None and reply.generation == event.generation:
            reply.started_ms = event.at_ms
            if state.candidate is CandidateState.QUIET and state.answer is not None:
                ctx.timers.set(Timer.TAKE_BACK, event.at_ms + ctx.rules.take_back_ms)


def record_reply(ctx: TurnContext, reply: Generation, event: ev.PlaybackEnded) -> None:
    """Put on record what was heard; what nobody heard was never said, and is still owed. Of a reply
    that was taken back, only what could be understood counts."""
    state = ctx.state
    heard_words = len(event.heard_text.split())
    if reply.taken_back and heard_words < max(1, ctx.rules.understandable_words):
        return
    if heard_words == 0:
        if state.owed in (None, Cause.UNHEARD):
            state.owed = reply.cause
        return
    state.begun = True
    if state.owed is Cause.OPENING:  # a new leg came before this was known
        state.owed = Cause.RESUME
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
