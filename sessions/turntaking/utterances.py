"""The candidate's utterances: opened, paused, cut short, and what their words lead to.

What the candidate types and submits by hand is part of the same turn, and stands here as well.
"""

import math
from dataclasses import replace
from typing import TypeGuard, assert_never

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import YIELDING, Cause
from sessions.turntaking.context import TurnContext
from sessions.turntaking.drafts import draft_ahead, draft_in_pause, drop_draft, wait_after
from sessions.turntaking.endpointing.pause_rules import with_prosody
from sessions.turntaking.interruptions import (
    is_echo_of_last_reply,
    is_false_interruption,
    on_onset,
    resume_after_false_interruption,
)
from sessions.turntaking.noise_and_limits import (
    Verdict,
    disregards_onset,
    judge_crosstalk,
    judge_long_answer,
    judge_wordless_sound,
    set_answer_timers,
    watch_for_crosstalk,
    words_are_unclear,
)
from sessions.turntaking.replies import (
    cancel_reply,
    finalize_answer,
    learn_pause,
    reply_or_wait,
    request_reply,
    silence_interviewer,
    stop_reply,
)
from sessions.turntaking.state import UtteranceState
from sessions.turntaking.timers import OVER_REPLY, Timer
from sessions.turntaking.transitions import (
    CandidateCue,
    CandidateState,
    InterviewerState,
)
from sessions.turntaking.turn_closing import close_on_typed, close_turn, dismiss
from sessions.turntaking.turns import CUT, SUBMITTED

# --- the voice ------------------------------------------------------------------------------------


def on_speech_started(ctx: TurnContext, event: ev.SpeechStarted) -> None:
    """Open an utterance, or go on with the one that is open."""
    state, utterance = ctx.state, ctx.state.utterance
    if state.ending.reason or not state.attached:
        return
    if state.ignores_speech:
        utterance.ignored_onset_ms = event.at_ms
        if state.announces:
            _put_off(utterance, event.at_ms)
    elif disregards_onset(ctx):
        state.noise.spoken_over = True
    else:
        _hear_voice(ctx, event)


def _hear_voice(ctx: TurnContext, event: ev.SpeechStarted) -> None:
    """Listen to a voice that has begun."""
    state, utterance = ctx.state, ctx.state.utterance
    if state.candidate is CandidateState.QUIET:
        _begin_utterance(utterance, event.at_ms)
    else:
        _continue_utterance(ctx, event.at_ms)
    utterance.put_off_ms = None  # the words of now will hold these as well
    state.replies.silenced_by_candidate = False
    utterance.words = utterance.score = None
    utterance.attempt += 1  # the words of the pause that is over are out of date
    utterance.min_attempt = utterance.attempt
    utterance.close_pending = False
    state.move_candidate(CandidateCue.VOICE)
    ctx.timers.clear(Timer.SPECULATE, Timer.PATIENCE, Timer.TRANSCRIPT, Timer.IDLE, Timer.TAKE_BACK)
    drop_draft(ctx)
    watch_for_crosstalk(ctx, event.at_ms)
    on_onset(ctx, event)
    if not ctx.timers.armed(Timer.ANSWER_LIMIT):
        set_answer_timers(ctx, utterance.started_ms, event.at_ms)


def _begin_utterance(utterance: UtteranceState, onset_ms: float) -> None:
    """Open an utterance, or what goes on with the last answer if the reply to it is taken back."""
    answer = utterance.answer
    if answer is None:
        utterance.open(onset_ms)
    else:
        utterance.started_ms = onset_ms
        answer.pause_ms = onset_ms - utterance.speech_ended_ms


def _continue_utterance(ctx: TurnContext, onset_ms: float) -> None:
    """Go on with the open utterance after a pause."""
    utterance = ctx.state.utterance
    learn_pause(ctx, onset_ms - utterance.speech_ended_ms, utterance.spoken)
    if utterance.typed:  # perhaps the voice began before
        utterance.started_ms = min(utterance.started_ms, onset_ms)


def on_speech_stopped(ctx: TurnContext, event: ev.SpeechStopped) -> None:
    """Begin a pause: ask for the words, and set how long it may last."""
    state, utterance = ctx.state, ctx.state.utterance
    utterance.ignored_onset_ms = None
    _note_end_of_put_off(utterance, event)
    if state.candidate is CandidateState.QUIET:
        state.noise.suspected, state.noise.spoken_over = False, True
    if state.candidate is not CandidateState.SPEAKING:
        return
    state.move_candidate(CandidateCue.PAUSE)
    utterance.speech_ended_ms = max(event.at_ms, utterance.started_ms)  # or of what was cut off
    ctx.timers.clear(Timer.BARGE_IN, Timer.OVERLAP)
    if state.interviewer is InterviewerState.HELD:
        if event.doubtful:
            _dismiss_false_onset(ctx)
        else:
            request_transcript(ctx)
        return
    ctx.timers.set(Timer.SPECULATE, event.at_ms + ctx.rules.speculate_after_ms)
    set_patience(ctx)
    if utterance.too_long:  # this is the small pause that was waited for
        cut_short(ctx)


def _dismiss_false_onset(ctx: TurnContext) -> None:
    """Go on with the held reply after a sound that was no voice."""
    answer = ctx.state.utterance.answer
    if answer is None or answer.reopened:
        dismiss(ctx)
    else:
        resume_after_false_interruption(ctx)


# --- the voice over an announcement ---------------------------------------------------------------


def _put_off(utterance: UtteranceState, onset_ms: float) -> None:
    """Remember that somebody speaks who will be heard after the announcement."""
    if utterance.put_off_ms is None:
        utterance.put_off_ms, utterance.put_off_ended_ms = onset_ms, -math.inf


def _note_end_of_put_off(utterance: UtteranceState, event: ev.SpeechStopped) -> None:
    """Remember until when somebody spoke, and forget a sound that was no voice, or had ended before
    the answer was cut off."""
    if utterance.put_off_ms is None:
        return
    first = utterance.put_off_ended_ms < utterance.put_off_ms
    if first and (event.doubtful or event.at_ms <= utterance.put_off_ms):
        utterance.put_off_ms = None
    else:
        utterance.put_off_ended_ms = event.at_ms


def hear_put_off_words(ctx: TurnContext) -> None:
    """Open an utterance of what was said over an announcement, a turn of its own.

    A voice that goes on is listened to by whoever has the floor now. Where nobody has it, in a
    pause, what was said up to now goes on record.
    """
    state, utterance, replies = ctx.state, ctx.state.utterance, ctx.state.replies
    onset_ms = utterance.put_off_ms
    if onset_ms is None or state.candidate is not CandidateState.QUIET:
        return
    ended_ms, sounding = utterance.put_off_ended_ms, utterance.ignored_onset_ms is not None
    finalize_answer(ctx)
    _hear_voice(ctx, ev.SpeechStarted(onset_ms))
    utterance.ignored_onset_ms = None
    utterance.over_text = replies.last_text if replies.stopping is None else replies.stopping.text
    if not sounding:
        on_speech_stopped(ctx, ev.SpeechStopped(ended_ms))
    if not state.listens:
        cut_short(ctx)


# --- the pause ------------------------------------------------------------------------------------


def set_patience(ctx: TurnContext) -> None:
    """Set how long this pause may last, by what is known of it now."""
    utterance, rules = ctx.state.utterance, ctx.rules
    wait = wait_after(ctx, utterance.spoken)
    wait = with_prosody(wait, utterance.score, rules.prosody)
    utterance.patience_rule = wait.rule
    ctx.timers.set(Timer.PATIENCE, utterance.speech_ended_ms + wait.ms)


def on_end_of_turn_scored(ctx: TurnContext, event: ev.EndOfTurnScored) -> None:
    """Take in how finished the pause sounds."""
    utterance = ctx.state.utterance
    if utterance.is_current(event.utterance, event.attempt):
        utterance.score = event.finished
        if ctx.state.interviewer is InterviewerState.IDLE:
            set_patience(ctx)


def on_speculate(ctx: TurnContext) -> None:
    """Ask for the words of a pause that is certain."""
    if ctx.state.utterance.words is None:
        request_transcript(ctx)


def on_patience(ctx: TurnContext) -> None:
    """Close the turn; where its words are missing, wait for them."""
    if ctx.state.utterance.words is not None:
        close_turn(ctx)
        return
    ctx.state.move_candidate(CandidateCue.PATIENCE_OUT)
    _ensure_transcript(ctx)


def request_transcript(ctx: TurnContext) -> None:
    """Ask for the words of the utterance up to now."""
    utterance = ctx.state.utterance
    utterance.attempt += 1
    ctx.timers.clear(Timer.SPECULATE)
    ctx.timers.set(Timer.TRANSCRIPT, ctx.now + ctx.rules.transcript_wait_ms)
    ctx.emit(cmd.FinishTranscript(utterance.number, utterance.attempt))


def _ensure_transcript(ctx: TurnContext) -> None:
    """Ask for the words, unless they are on their way."""
    if not ctx.timers.armed(Timer.TRANSCRIPT):
        request_transcript(ctx)


# --- the words ------------------------------------------------------------------------------------


def on_partial(ctx: TurnContext, event: ev.TranscriptPartial) -> None:
    """Take in words that may still change.

    Over a reply they may be enough to stop it, and where nobody speaks, to prepare one.
    """
    state, utterance = ctx.state, ctx.state.utterance
    if event.utterance != utterance.number:
        return
    if event.new_words.strip():
        utterance.known_words = ev.TranscriptFinal(event.utterance, 0, event.new_words)
    held = state.interviewer is InterviewerState.HELD
    if held and not is_false_interruption(ctx, event.new_words):
        stop_reply(ctx)
        _go_on_listening(ctx)
    else:
        draft_ahead(ctx, event)


def _go_on_listening(ctx: TurnContext) -> None:
    """Treat a pause after which the reply was stopped as any other."""
    if ctx.state.candidate is CandidateState.PAUSING:
        set_patience(ctx)
        _ensure_transcript(ctx)  # where the answer was reopened, all of it is needed


def on_transcript(ctx: TurnContext, event: ev.TranscriptFinal) -> None:
    """Take in the words of the utterance up to its last pause."""
    state, utterance = ctx.state, ctx.state.utterance
    _note_words(ctx, event)
    if not utterance.is_current(event.utterance, event.attempt):
        return
    ctx.timers.clear(Timer.TRANSCRIPT)
    if state.interviewer is InterviewerState.HELD:
        if is_false_interruption(ctx, event.new_words, event.confidence):
            dismiss(ctx)
            return
        stop_reply(ctx)
        set_patience(ctx)
    if event.tail is not None and utterance.answer is not None:  # reopened just now
        utterance.answer.words = replace(event, tail=None)  # if nothing better can be had
        request_transcript(ctx)
    elif event.new_words.strip() and not is_echo_of_last_reply(ctx, event.new_words):
        _close_or_draft(ctx, replace(event, text=event.new_words, tail=None))
    elif utterance.interrupting or utterance.reopened:  # somebody must go on after a long noise
        on_no_transcript(ctx)
    else:
        dismiss(ctx)


def _note_words(ctx: TurnContext, words: ev.TranscriptFinal) -> None:
    """Keep words for the case that no better can be had, and note whether the newest are
    doubtful."""
    utterance = ctx.state.utterance
    current = words.utterance == utterance.number and words.attempt >= utterance.min_attempt
    if current and words.new_words.strip():
        utterance.known_words = words
        if words.attempt == utterance.attempt:
            utterance.unclear = words_are_unclear(ctx, words)


def _close_or_draft(ctx: TurnContext, words: ev.TranscriptFinal) -> None:
    """Go on with these words: close the turn that waits for them, or prepare a reply to them."""
    ctx.state.utterance.words = words
    if ctx.state.candidate is CandidateState.AWAITING_TRANSCRIPT:
        close_turn(ctx)
    else:
        set_patience(ctx)
        draft_in_pause(ctx)


def on_transcript_failed(ctx: TurnContext, event: ev.TranscriptFailed) -> None:
    """Do without the words that were asked for."""
    if ctx.state.utterance.is_current(event.utterance, event.attempt):
        on_no_transcript(ctx)


def _without_its_end(utterance: UtteranceState, known: ev.TranscriptFinal) -> ev.TranscriptFinal:
    """Return what is known of an utterance in place of the words that were asked for last."""
    return replace(known, utterance=utterance.number, attempt=utterance.attempt, short=True)


def on_late_words(ctx: TurnContext, event: ev.LateWords) -> None:
    """Complete an answer that was closed without its end.

    The reply to what was known of it stands; whatever is said next knows all of it.
    """
    utterance = ctx.state.utterance
    if _lacks(utterance.words, event):  # it is about to be closed
        utterance.words = _completed(utterance.words, event)
        return
    short = utterance.short
    if short is None or not _lacks(short.answer.words, event):
        return
    answer, utterance.short = short.answer, None
    before = answer.words.text
    answer.words = _completed(answer.words, event, short.typed)
    if answer.reopened or answer.words.text == before:  # it goes on record anew by itself
        return
    answer.revision += 1
    ctx.emit(
        cmd.AmendTurn(
            answer.index,
            answer.words.text,
            event.confidence,
            answer.revision,
            event.own_confidence,
        )
    )


def _lacks(words: ev.TranscriptFinal | None, late: ev.LateWords) -> TypeGuard[ev.TranscriptFinal]:
    """Tell whether these are the words that are without the end that has come now."""
    asked = (late.utterance, late.attempt)
    return words is not None and words.short and (words.utterance, words.attempt) == asked


def _completed(
    words: ev.TranscriptFinal, late: ev.LateWords, typed: str = ""
) -> ev.TranscriptFinal:
    text = f"{late.text} {typed}".strip()
    own = late.own_confidence
    return replace(words, text=text, confidence=late.confidence, short=False, own_confidence=own)


def on_no_transcript(ctx: TurnContext) -> None:
    """Go on without the words of the last pause.

    What is known of the answer stands, without its end. Where nothing is known, the interviewer
    says so, and it is no turn; over a reply it counts as nothing, and the reply goes on.
    """
    state, utterance, replies = ctx.state, ctx.state.utterance, ctx.state.replies
    ctx.timers.clear(Timer.TRANSCRIPT)
    speaking = state.candidate is CandidateState.SPEAKING
    fresh = utterance.answer is None and state.interviewer is InterviewerState.IDLE
    if fresh and utterance.known_words is not None and not speaking:
        _close_or_draft(ctx, _without_its_end(utterance, utterance.known_words))
    elif fresh and utterance.too_long and replies.pending_cause in YIELDING:
        # it is not asked for again; of other voices without a word there are none
        replies.pending_cause = Cause.NOISE if state.hears_others else Cause.TOO_LONG
        dismiss(ctx)
    elif utterance.answer is not None and utterance.answer.reopened:
        utterance.words = _without_its_end(utterance, utterance.answer.words)
        if state.candidate is CandidateState.AWAITING_TRANSCRIPT:
            close_turn(ctx)
    elif utterance.typed:
        close_on_typed(ctx)
    else:
        if state.interviewer is not InterviewerState.HELD and replies.pending_cause in YIELDING:
            replies.pending_cause = Cause.UNHEARD
        dismiss(ctx)


# --- cut short ------------------------------------------------------------------------------------


def cut_short(ctx: TurnContext, rule: str = CUT) -> None:
    """Put what was said so far on record without waiting for more, closed by this rule."""
    state, utterance = ctx.state, ctx.state.utterance
    if state.candidate is CandidateState.QUIET:
        return
    if state.candidate is not CandidateState.AWAITING_TRANSCRIPT:  # else its pause was long enough
        utterance.patience_rule = rule
    ctx.timers.clear(Timer.PATIENCE, Timer.SPECULATE, *OVER_REPLY)
    if state.candidate is CandidateState.SPEAKING:
        utterance.speech_ended_ms = utterance.ignored_onset_ms = ctx.now
        goes_on = state.ending.reason is None and state.ending.leaving is None
        if state.announces and goes_on:  # what else is said is heard after the announcement
            _put_off(utterance, ctx.now)
    state.move_candidate(CandidateCue.CUT_SHORT)
    if utterance.words is not None:
        close_turn(ctx)
    else:
        _ensure_transcript(ctx)


def on_answer_limit(ctx: TurnContext) -> None:
    """Act on an answer that has reached its limit."""
    _act(ctx, judge_long_answer(ctx))


def on_crosstalk(ctx: TurnContext) -> None:
    """Act on voices over which no reply was heard to its end."""
    _act(ctx, judge_crosstalk(ctx))


def on_wordless(ctx: TurnContext) -> None:
    """Act on a voice that never pauses and of which no word is known."""
    _act(ctx, judge_wordless_sound(ctx))


def _act(ctx: TurnContext, verdict: Verdict) -> None:
    match verdict:
        case Verdict.NONE:
            pass
        case Verdict.CUT_SHORT:
            cut_short(ctx)
        case Verdict.DISMISS:
            ctx.state.move_candidate(CandidateCue.CUT_SHORT)
            dismiss(ctx)
        case _:
            assert_never(verdict)


# --- by hand --------------------------------------------------------------------------------------


def on_answer_typed(ctx: TurnContext, event: ev.AnswerTyped) -> None:
    """Take written words as the answer at once, over whatever the interviewer says.

    What is being said meanwhile belongs to the same turn, and ends at its next pause.
    """
    state, utterance, text = ctx.state, ctx.state.utterance, event.text.strip()
    if state.ending.reason or not state.attached or not text:
        return
    utterance.typed = f"{utterance.typed} {text}".strip()
    state.replies.silenced_by_candidate = False
    if state.candidate is CandidateState.QUIET:
        silence_interviewer(ctx)
        utterance.open(ctx.now)
        utterance.speech_ended_ms = ctx.now
        state.move_candidate(CandidateCue.TYPED)
        close_on_typed(ctx)
        return
    if state.interviewer is InterviewerState.HELD:
        stop_reply(ctx)
    if state.candidate is CandidateState.PAUSING:
        ctx.timers.set(Timer.PATIENCE, ctx.now)


def on_answer_submitted(ctx: TurnContext) -> None:
    """End the answer by the candidate's own word.

    Where nothing was heard that could end, the interviewer says so: nobody presses a button for
    nothing.
    """
    state, replies = ctx.state, ctx.state.replies
    if state.candidate is not CandidateState.QUIET:
        if state.interviewer is InterviewerState.HELD:
            stop_reply(ctx)
        cut_short(ctx, SUBMITTED)
    elif state.interviewer is InterviewerState.IDLE and replies.stopping is None:
        replies.silenced_by_candidate = False
        request_reply(ctx, replies.pending_cause or Cause.UNHEARD)


def on_stop_speaking(ctx: TurnContext) -> None:
    """End the reply here.

    What was heard goes on record; where nothing was, the reply stays pending, until the candidate
    has answered or been silent for long.
    """
    state = ctx.state
    if state.candidate is CandidateState.QUIET:
        finalize_answer(ctx)
        state.replies.silenced_by_candidate = True
    if state.interviewer is InterviewerState.THINKING:
        cancel_reply(ctx)
        reply_or_wait(ctx)
        return
    stop_reply(ctx)
    _go_on_listening(ctx)
