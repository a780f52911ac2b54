"""How the candidate's turn ends: closed, put on record and answered, or dismissed as no turn."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.context import TurnContext
from sessions.turntaking.interruptions import resume_reply
from sessions.turntaking.replies import release, reply_or_wait
from sessions.turntaking.state import Answer
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateCue, IllegalMove, InterviewerState
from sessions.turntaking.turns import Speaker


def close_turn(ctx: TurnContext) -> None:
    """Close the candidate's turn: put it on record, and answer it."""
    state = ctx.state
    if state.stopping is not None:  # the interrupted turn goes on record first
        state.close_pending = True
        return
    if state.words is None:
        raise IllegalMove("a turn is closed on its words")
    typed, words = bool(state.typed), replace(state.words, text=state.said)
    answer = _record_answer(ctx, words)
    state.words, state.typed, state.close_pending, state.idle_level = None, "", False, 0
    state.hushed = False
    state.move_candidate(CandidateCue.TURN_CLOSED)
    ctx.timers.clear(Timer.PATIENCE, Timer.TRANSCRIPT, Timer.TAKE_BACK)
    state.owed = state.cause
    state.asked_again = state.owed is Cause.UNCLEAR
    state.wordless, state.noises, state.doubted = 0, 0, False
    _forget_doubts(ctx)
    _keep_or_drop(ctx, answer, typed=typed)
    _answer_with_draft(ctx, words.text)


def _record_answer(ctx: TurnContext, words: ev.TranscriptFinal) -> Answer:
    """Checkpoint the candidate's turn; a reopened one in the place it had."""
    state = ctx.state
    before = state.answer if state.reopened else None
    answer = Answer(
        index=state.take_index() if before is None else before.index,
        revision=0 if before is None else before.revision + 1,
        words=words,
        started_ms=state.utterance_started_ms,
    )
    ctx.emit(
        cmd.CheckpointTurn(
            index=answer.index,
            speaker=Speaker.CANDIDATE,
            text=words.text,
            heard_text=words.text,
            started_ms=answer.started_ms,
            ended_ms=state.speech_ended_ms,
            confidence=words.confidence,
            revision=answer.revision,
            rule=state.rule,
        )
    )
    return answer


def _keep_or_drop(ctx: TurnContext, answer: Answer, *, typed: bool) -> None:
    """Keep the sound of the closed turn where the reply to it may be taken back, or drop it."""
    state = ctx.state
    answered = state.owed in (Cause.ANSWER, Cause.UNCLEAR) and not typed
    if answered and state.may_speak and ctx.rules.take_back_ms > 0:
        state.answer = answer
        ctx.emit(cmd.KeepUtterance(state.utterance))
    else:
        state.answer = None
        ctx.emit(cmd.DropUtterance(state.utterance))


def _answer_with_draft(ctx: TurnContext, said: str) -> None:
    """Release the draft if it was prepared on exactly these words and for this cause; otherwise
    have another reply made."""
    draft, ctx.state.draft = ctx.state.draft, None
    if draft is not None and draft.said == said and draft.cause is ctx.state.owed:
        release(ctx, draft)
        return
    if draft is not None:
        ctx.emit(cmd.CancelReply(draft.generation))
    reply_or_wait(ctx)


def close_on_typed(ctx: TurnContext) -> None:
    """Close the turn on what was written: nothing was said that could be understood."""
    state = ctx.state
    state.words, state.rule = ev.TranscriptFinal(state.utterance, state.attempt, ""), "typed"
    close_turn(ctx)


def dismiss(ctx: TurnContext) -> None:
    """Go on as if nothing had been heard: the utterance is no turn. Sounds without words do not put
    the next idle prompt off, since they may never cease."""
    state, timers = ctx.state, ctx.timers
    idle_due_ms = state.idle_due_ms
    if state.interviewer is InterviewerState.IDLE:
        state.wordless += 1
    _forget_doubts(ctx)
    timers.clear(Timer.TRANSCRIPT)
    if state.typed:
        close_on_typed(ctx)
    else:
        state.move_candidate(CandidateCue.DISMISSED)
        timers.clear(Timer.PATIENCE, Timer.HOLD, Timer.SPECULATE)
        ctx.emit(cmd.DropUtterance(state.utterance))
        state.answer = None
        if state.interviewer is InterviewerState.HELD:
            resume_reply(ctx)
        reply_or_wait(ctx)
    if idle_due_ms is not None and timers.armed(Timer.IDLE):
        state.idle_due_ms = idle_due_ms
        timers.set(Timer.IDLE, max(ctx.now, idle_due_ms))


def _forget_doubts(ctx: TurnContext) -> None:
    """Time the utterance no more, and forget what spoke against it: it is over."""
    state = ctx.state
    state.known, state.too_long, state.unclear = None, False, False
    ctx.timers.clear(Timer.ANSWER_LIMIT, Timer.WORDLESS)
