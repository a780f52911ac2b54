"""Answers that never end, sound without words, a dead microphone, silence: what limits them.

What becomes of the utterance is a verdict, on which `utterances` acts.
"""

from enum import Enum, auto

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import GREETINGS, YIELDING, Cause, SuspendReason
from sessions.turntaking.clock import end_waiting
from sessions.turntaking.context import TurnContext
from sessions.turntaking.replies import hurry_idle_prompt, request_reply
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateState, FloorHolder, InterviewerState

HELD_RETRY_MS = 1_000.0
"""How long a limit is put off while it is open whether the voice interrupts a reply."""


class Verdict(Enum):
    """What becomes of the open utterance."""

    NONE = auto()  # it goes on
    CUT_SHORT = auto()  # it ends here, with the words so far
    DISMISS = auto()  # it was no speech


# --- while a recruiter leads, or the interview is paused ------------------------------------------


def suspend_timers(ctx: TurnContext) -> None:
    """Time nothing of the answer or of the sound any more, and hurry nothing.

    The interviewer does not lead the talk.
    """
    utterance, replies, noise = ctx.state.utterance, ctx.state.replies, ctx.state.noise
    ctx.timers.clear(Timer.IDLE, Timer.ANSWER_LIMIT, Timer.WORDLESS, Timer.CROSSTALK)
    utterance.too_long = utterance.unclear = noise.suspected = replies.urgent = False
    noise.idle_due_ms = None


def resume_timers(ctx: TurnContext) -> None:
    """Time the answer and the sound from now on: the interviewer leads the talk again."""
    ctx.state.noise.wordless_sounds = 0
    if ctx.state.candidate is CandidateState.SPEAKING:
        set_answer_timers(ctx, ctx.now, ctx.now)


# --- answers that never end -----------------------------------------------------------------------


def set_answer_timers(ctx: TurnContext, began_ms: float, onset_ms: float) -> None:
    """Set how long the answer may last, and the voice be without words.

    The answer began at `began_ms`, the voice at `onset_ms`. While a recruiter leads, and in a
    pause, neither is limited.
    """
    state, rules = ctx.state, ctx.rules
    state.noise.suspected = False
    if state.interviewer_leads:
        planned_ms = state.utterance.max_ms
        longest_ms = rules.answer_max_ms if planned_ms is None else planned_ms
        if state.noise.voices:
            longest_ms = min(longest_ms, rules.voices_ms)
        limit_ms = began_ms + longest_ms * rules.accommodation
        ctx.timers.set(Timer.ANSWER_LIMIT, max(ctx.now, limit_ms))
        ctx.timers.set(Timer.WORDLESS, max(ctx.now, onset_ms + rules.wordless_ms))


def disregards_onset(ctx: TurnContext) -> bool:
    """Tell whether the interviewer goes on whatever is heard.

    To end an answer that takes too long, and over noise or voices that were reported in vain.
    """
    state = ctx.state
    if not state.interviewer_leads:
        return False
    if state.candidate is CandidateState.AWAITING_TRANSCRIPT:
        overrun = state.clock.over and not ctx.timers.armed(Timer.TIME_LIMIT)
        return state.utterance.too_long or overrun
    reply = state.replies.current
    if reply is None or state.interviewer is InterviewerState.HELD:
        return False
    if state.noise.voices or state.noise.prompts > ctx.rules.noise_prompts_max:
        return True
    if reply.cause is not Cause.TOO_LONG:
        return False
    return reply.started_ms is None or ctx.now < reply.started_ms + ctx.rules.insist_ms


def judge_long_answer(ctx: TurnContext) -> Verdict:
    """Decide on an answer that has reached its limit.

    The first time, wait for a small pause; the second time, do without.
    """
    state, utterance = ctx.state, ctx.state.utterance
    if state.interviewer is InterviewerState.HELD:
        ctx.timers.set(Timer.ANSWER_LIMIT, ctx.now + HELD_RETRY_MS)
        return Verdict.NONE
    if state.candidate is CandidateState.SPEAKING and not utterance.too_long:
        utterance.too_long = True
        ctx.timers.set(Timer.ANSWER_LIMIT, ctx.now + ctx.rules.answer_grace_ms)
        return Verdict.NONE
    if state.candidate in (CandidateState.SPEAKING, CandidateState.PAUSING):
        utterance.too_long = True
        state.noise.voices += state.noise.voices > 0
        return Verdict.CUT_SHORT
    return Verdict.NONE


# --- other voices ---------------------------------------------------------------------------------


def watch_for_crosstalk(ctx: TurnContext, onset_ms: float) -> None:
    """Time a voice over a greeting, or in its place, until a reply is heard to its end.

    Who is silent for a while before going on is somebody who interrupts, and is timed anew.
    """
    reply, state = ctx.state.replies.current, ctx.state
    if _was_silent(ctx, onset_ms):
        ctx.timers.clear(Timer.CROSSTALK)
    cause = state.replies.pending_cause if reply is None else reply.cause
    if cause in GREETINGS and state.interviewer_leads and not ctx.timers.armed(Timer.CROSSTALK):
        ctx.timers.set(Timer.CROSSTALK, onset_ms + ctx.rules.crosstalk_ms)


def _was_silent(ctx: TurnContext, at_ms: float) -> bool:
    """Tell whether the voice was silent before for longer than one that goes on all the time."""
    return at_ms - ctx.state.utterance.speech_ended_ms > ctx.rules.crosstalk_pause_ms


def judge_crosstalk(ctx: TurnContext) -> Verdict:
    """Decide on voices over which no reply was heard to its end.

    They are others', and the next reply is said over them.
    """
    state = ctx.state
    if state.interviewer is InterviewerState.HELD:
        ctx.timers.set(Timer.CROSSTALK, ctx.now + HELD_RETRY_MS)
        return Verdict.NONE
    quiet = state.candidate is CandidateState.QUIET
    if quiet and (state.interviewer is InterviewerState.IDLE or _was_silent(ctx, ctx.now)):
        return Verdict.NONE
    state.noise.voices += 1
    if quiet:
        return Verdict.NONE
    state.utterance.too_long = True
    return Verdict.CUT_SHORT


# --- sound without words --------------------------------------------------------------------------


def judge_wordless_sound(ctx: TurnContext) -> Verdict:
    """Decide on a voice that never pauses and of which no word is known.

    Ask for its words, and if none come, take it for noise.
    """
    state, utterance, noise = ctx.state, ctx.state.utterance, ctx.state.noise
    if state.candidate is not CandidateState.SPEAKING or utterance.known_words is not None:
        return Verdict.NONE
    if state.interviewer is InterviewerState.HELD or state.replies.stopping is not None:
        ctx.timers.set(Timer.WORDLESS, ctx.now + HELD_RETRY_MS)
        return Verdict.NONE
    if not noise.suspected:
        noise.suspected = True
        utterance.attempt += 1
        ctx.emit(cmd.FinishTranscript(utterance.number, utterance.attempt))
        ctx.timers.set(Timer.WORDLESS, ctx.now + ctx.rules.wordless_grace_ms)
        return Verdict.NONE
    if utterance.reopened or utterance.typed:  # its beginning is known, or written, and stands
        return Verdict.CUT_SHORT
    utterance.attempt += 1  # what may still be made of it is out of date
    _report_noise(ctx)
    return Verdict.DISMISS


def _report_noise(ctx: TurnContext) -> None:
    """Count noise in the candidate's place as an unanswered prompt, and have it reported; after so
    many the candidate is waited for. What a recruiter requests comes before."""
    state, noise = ctx.state, ctx.state.noise
    if state.request.cause or state.holder is FloorHolder.WAITING:
        return
    noise.prompts += 1
    noise.idle_level += 1
    if state.replies.pending_cause in YIELDING:
        reported = noise.prompts <= ctx.rules.noise_prompts_max
        told = Cause.NOISE if reported else Cause.IDLE
        state.replies.pending_cause = Cause.AWAY if _given_up(ctx) else told


def on_sound_changed(ctx: TurnContext, event: ev.SoundChanged) -> None:
    """Take in what kind of sound the microphone delivers from now on."""
    noise = ctx.state.noise
    noise.sound = event.sound
    if event.sound in (ev.Sound.FINE, ev.Sound.NOISE):
        noise.dead_told = False
    hurry_idle_prompt(ctx)


def words_are_unclear(ctx: TurnContext, words: ev.TranscriptFinal) -> bool:
    """Tell whether words are so doubtful that they are asked for once more."""
    rules = ctx.rules
    doubtful = words.confidence is not None and words.confidence < rules.unclear_below
    enough = len(words.new_words.split()) >= rules.unclear_words
    return doubtful and enough and not ctx.state.utterance.asked_again


# --- silence of both ------------------------------------------------------------------------------


def on_idle(ctx: TurnContext) -> None:
    """Prompt the candidate, or, after so many prompts without an answer, say so and wait."""
    replies, noise = ctx.state.replies, ctx.state.noise
    noise.idle_level += 1
    replies.silenced_by_candidate = False
    prompt = Cause.AWAY if _given_up(ctx) else _prompt_cause(ctx)
    request_reply(ctx, replies.pending_cause or prompt)


def on_continue(ctx: TurnContext) -> None:
    """Go on where it stopped, with a candidate who was waited for and is there."""
    state = ctx.state
    state.noise.forget()
    end_waiting(ctx)
    if state.candidate is CandidateState.QUIET:  # otherwise the answer is under way
        request_reply(ctx, Cause.UNPAUSE)


def on_waited_in_vain(ctx: TurnContext) -> None:
    """Leave memory: nobody is there, and the link stays good."""
    ctx.state.ending.leaving = SuspendReason.AWAY


def _given_up(ctx: TurnContext) -> bool:
    """Tell whether no further prompt would be answered."""
    return ctx.state.noise.idle_level > ctx.rules.idle_prompts_max


def _prompt_cause(ctx: TurnContext) -> Cause:
    """Return the cause of what is said into the silence of both."""
    noise, rules = ctx.state.noise, ctx.rules
    noisy = noise.sound is ev.Sound.NOISE or noise.suspected
    noisy = noisy or noise.wordless_sounds >= rules.noise_sounds
    noisy = noisy or ctx.state.utterance.ignored_onset_ms is not None  # no speech lasts so long
    noise.wordless_sounds = 0
    noise.dead_told = noise.sound in (ev.Sound.SILENT, ev.Sound.MUTED)
    if noise.dead_told:
        return Cause.MUTED if noise.sound is ev.Sound.MUTED else Cause.NO_SOUND
    if noisy and noise.prompts < rules.noise_prompts_max:
        noise.prompts += 1
        return Cause.NOISE
    return Cause.IDLE
