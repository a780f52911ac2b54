"""How the candidate's turn ends: closed, put on record and answered, or dismissed as no turn."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.context import TurnContext
from sessions.turntaking.drafts import drop_draft, same_words
from sessions.turntaking.interruptions import resume_reply
from sessions.turntaking.replies import release, reply_or_wait
from sessions.turntaking.state import Answer, ShortAnswer
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateCue, IllegalMove, InterviewerState
from sessions.turntaking.turns import Speaker


def close_turn(ctx: TurnContext) -> None:
    """Close the candidate's turn: put it on record, and answer it."""
    state, utterance, replies = ctx.state, ctx.state.utterance, ctx.state.replies
    if replies.stopping is not None:  # the interrupted turn goes on record first
        utterance.close_pending = True
        return
    if utterance.words is None:
        raise IllegalMove("a turn is closed on its words")
    typed, words = bool(utterance.typed), replace(utterance.words, text=utterance.text)
    answer = _record_answer(ctx, words)
    _note_short(ctx, answer)
    utterance.words, utterance.typed, utterance.close_pending = None, "", False
    replies.silenced_by_candidate = False
    state.move_candidate(CandidateCue.TURN_CLOSED)
    ctx.timers.clear(Timer.SPECULATE, Timer.PATIENCE, Timer.TRANSCRIPT, Timer.TAKE_BACK)
    ctx.timers.clear(Timer.RETRY)  # newer words are answered at once
    replies.pending_cause = state.next_cause
    utterance.asked_again = replies.pending_cause is Cause.UNCLEAR
    state.noise.forget()
    _lift_limits(ctx)
    _keep_or_drop(ctx, answer, typed=typed)
    _answer_with_draft(ctx, words.text)


def _record_answer(ctx: TurnContext, words: ev.TranscriptFinal) -> Answer:
    """Checkpoint the candidate's turn; a reopened one in the place it had."""
    utterance = ctx.state.utterance
    before = utterance.answer if utterance.reopened else None
    answer = Answer(
        index=ctx.state.take_index() if before is None else before.index,
        revision=0 if before is None else before.revision + 1,
        words=words,
        started_ms=utterance.started_ms,
    )
    ctx.emit(
        cmd.CheckpointTurn(
            index=answer.index,
            speaker=Speaker.CANDIDATE,
            text=words.text,
            heard_text=words.text,
            started_ms=answer.started_ms,
            ended_ms=utterance.speech_ended_ms,
            confidence=words.confidence,
            revision=answer.revision,
            rule=utterance.patience_rule,
            own_confidence=words.own_confidence,
        )
    )
    return answer


def _note_short(ctx: TurnContext, answer: Answer) -> None:
    """Remember an answer whose end may still come, and forget that of one that is whole now."""
    utterance = ctx.state.utterance
    if answer.words.short:
        utterance.short = ShortAnswer(answer, utterance.typed)
    elif utterance.short is not None and utterance.short.answer.index == answer.index:
        utterance.short = None


def _keep_or_drop(ctx: TurnContext, answer: Answer, *, typed: bool) -> None:
    """Keep the sound of the closed turn where the reply to it may be taken back, or drop it."""
    state, utterance = ctx.state, ctx.state.utterance
    answered = state.replies.pending_cause in (Cause.ANSWER, Cause.UNCLEAR) and not typed
    if answered and state.may_speak and ctx.rules.take_back_ms > 0:
        utterance.answer = answer
        ctx.emit(cmd.KeepUtterance(utterance.number))
    else:
        utterance.answer = None
        ctx.emit(cmd.DropUtterance(utterance.number))


def _answer_with_draft(ctx: TurnContext, said: str) -> None:
    """Release the draft if it was prepared on the same words and for this cause; otherwise
    have another reply made."""
    replies = ctx.state.replies
    draft, replies.draft = replies.draft, None
    ctx.timers.clear(Timer.DRAFT)
    replies.drafts_overspent -= ctx.rules.drafts_a_turn
    if draft is not None and same_words(draft.said, said) and draft.cause is replies.pending_cause:
        release(ctx, draft)
        return
    if draft is not None:
        replies.drafts_overspent += 1
        ctx.emit(cmd.CancelReply(draft.generation))
    reply_or_wait(ctx)


def close_on_typed(ctx: TurnContext) -> None:
    """Close the turn on what was written: nothing was said that could be understood."""
    utterance = ctx.state.utterance
    utterance.words = ev.TranscriptFinal(utterance.number, utterance.attempt, "")
    utterance.patience_rule = "typed"
    close_turn(ctx)


def dismiss(ctx: TurnContext) -> None:
    """Go on as if nothing had been heard: the utterance is no turn.

    Sounds without words do not put the next idle prompt off, since they may never cease.
    """
    state, utterance, noise = ctx.state, ctx.state.utterance, ctx.state.noise
    if utterance.close_pending:  # it is one already, by the words that were known before
        return
    idle_due_ms = noise.idle_due_ms
    drop_draft(ctx)  # on words that were none after all
    if state.interviewer is InterviewerState.IDLE:
        noise.wordless_sounds += 1
    _lift_limits(ctx)
    ctx.timers.clear(Timer.TRANSCRIPT)
    if utterance.typed:
        close_on_typed(ctx)
    else:
        state.move_candidate(CandidateCue.DISMISSED)
        ctx.timers.clear(Timer.PATIENCE, Timer.HOLD, Timer.SPECULATE)
        ctx.emit(cmd.DropUtterance(utterance.number))
        utterance.answer = None
        if state.interviewer is InterviewerState.HELD:
            resume_reply(ctx)
        reply_or_wait(ctx)
    if idle_due_ms is not None and ctx.timers.armed(Timer.IDLE):
        noise.idle_due_ms = idle_due_ms
        ctx.timers.set(Timer.IDLE, max(ctx.now, idle_due_ms))


def _lift_limits(ctx: TurnContext) -> None:
    """Limit the utterance no more, and forget what was known of it: it is over."""
    utterance = ctx.state.utterance
    utterance.known_words, utterance.too_long, utterance.unclear = None, False, False
    ctx.timers.clear(Timer.ANSWER_LIMIT, Timer.WORDLESS)
