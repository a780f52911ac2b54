"""Speech over a reply: the reply is held, and then stopped for good or resumed."""

from typing import assert_never

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.context import TurnContext
from sessions.turntaking.endpointing.backchannels import is_backchannel, is_content, is_echo
from sessions.turntaking.replies import cancel_reply, reopen_answer, stop_reply
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import (
    CandidateCue,
    CandidateState,
    InterviewerCue,
    InterviewerState,
)

ECHO_TAIL_MS = 300.0
"""How long a loudspeaker, its room and the network keep a reply's last word in the air."""

ECHO_SOUND_MS = 500.0
"""Longest sound that can be the echo of a reply's end: it began as late as ECHO_TAIL_MS after it,
and detectors add up to 200 ms. Who repeats words of the question ("in a team") takes longer."""

SAME_BREATH_MS = 300.0
"""Longest gap inside a phrase: what follows a shorter one is the same sound over the reply."""

UNHEARD_WORDS_MS = 500.0
"""How long a voice lasts, just after an answer, that has said something, whether or not words are
found in it: a hum is shorter (about 400 ms; Ward and Tsukahara 2000)."""


def on_onset(ctx: TurnContext, event: ev.SpeechStarted) -> None:
    """Give way to the candidate's voice.

    Hold the reply that sounds, and throw away the one that is still being made.
    """
    state, utterance = ctx.state, ctx.state.utterance
    match state.interviewer:
        case InterviewerState.SPEAKING:
            state.move_interviewer(InterviewerCue.HELD)
            utterance.overlap_onset_ms = event.at_ms
            ctx.emit(cmd.HoldPlayback(state.replies.released.generation))
            _set_overlap_timers(ctx)
            ctx.timers.set(Timer.HOLD, ctx.now + ctx.rules.hold_max_ms)
        case InterviewerState.HELD:
            if event.at_ms - utterance.speech_ended_ms > SAME_BREATH_MS:
                utterance.overlap_onset_ms = event.at_ms
            _set_overlap_timers(ctx)
        case InterviewerState.THINKING:
            cancel_reply(ctx)
            if utterance.answer is not None:
                reopen_answer(ctx, utterance.answer)
        case InterviewerState.IDLE:
            pass
        case _:
            assert_never(state.interviewer)


def _set_overlap_timers(ctx: TurnContext) -> None:
    """Time the speech over a reply: when to ask for its words, and when they do not matter any
    more."""
    onset_ms, rules = ctx.state.utterance.overlap_onset_ms, ctx.rules
    ctx.timers.set(Timer.BARGE_IN, onset_ms + rules.overlap_max_ms)
    if rules.backchannel_max_ms < rules.overlap_max_ms:
        ctx.timers.set(Timer.OVERLAP, onset_ms + rules.backchannel_max_ms)


def is_false_interruption(ctx: TurnContext, words: str, confidence: float | None = 0.0) -> bool:
    """Tell whether what is said over the reply does not take the floor.

    A backchannel, or the interviewer's own voice. `confidence` is the transcriber's in these words
    (0..1), 0 for words that may still change; None where it gives none.
    """
    state, utterance = ctx.state, ctx.state.utterance
    if is_echo(words, state.replies.released.text):
        return True
    if state.candidate is CandidateState.SPEAKING and utterance.answer is None:
        return not is_content(words)  # of a sound that goes on
    lasted_ms = utterance.speech_ended_ms - utterance.overlap_onset_ms
    if utterance.answer is None:
        return is_backchannel(words, lasted_ms, confidence)
    if not words.strip():  # of half a phrase; all of the answer may be understood better
        return lasted_ms < UNHEARD_WORDS_MS
    return is_backchannel(words)  # an answer that goes on is no hum


def is_echo_of_last_reply(ctx: TurnContext, words: str) -> bool:
    """Tell whether a loudspeaker's last words came back after the reply had ended.

    Those of an announcement come back while it is made.
    """
    utterance, replies = ctx.state.utterance, ctx.state.replies
    if utterance.over_text:
        return is_echo(words, utterance.over_text)
    if utterance.reopened or utterance.started_ms - replies.last_ended_ms >= ECHO_TAIL_MS:
        return False
    if utterance.speech_ended_ms - utterance.started_ms > ECHO_SOUND_MS:
        return False
    return is_echo(words, replies.last_text)


def resume_reply(ctx: TurnContext) -> None:
    """Let the held reply go on from the word at which it was held."""
    ctx.state.move_interviewer(InterviewerCue.RESUMED)
    ctx.emit(cmd.ResumePlayback(ctx.state.replies.released.generation))


def resume_after_false_interruption(ctx: TurnContext) -> None:
    """Go on with the reply after a sound that was no voice; it may be taken back as before."""
    ctx.state.move_candidate(CandidateCue.DISMISSED)
    ctx.timers.clear(Timer.HOLD)
    resume_reply(ctx)
    started_ms = ctx.state.replies.released.started_ms
    if started_ms is not None:
        ctx.timers.set(Timer.TAKE_BACK, started_ms + ctx.rules.take_back_ms)


def on_overlap(ctx: TurnContext) -> None:
    """Ask for the words of what is long for a backchannel: the reply is silent anyway.

    They come as a partial transcript.
    """
    utterance = ctx.state.utterance
    if ctx.state.interviewer is InterviewerState.HELD:
        ctx.emit(cmd.FinishTranscript(utterance.number, utterance.attempt))


def on_barge_in(ctx: TurnContext) -> None:
    """Stop the reply: nobody hums for so long."""
    if ctx.state.interviewer is InterviewerState.HELD:
        stop_reply(ctx)


def on_hold(ctx: TurnContext) -> None:
    """Stop the reply: after so long a silence it is not worth resuming."""
    if ctx.state.interviewer is InterviewerState.HELD:
        stop_reply(ctx)
        if ctx.state.candidate is CandidateState.PAUSING:
            ctx.timers.set(Timer.PATIENCE, ctx.now)
