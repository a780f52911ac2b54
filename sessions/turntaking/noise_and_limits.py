"""Answers that never end, sound without words, a dead microphone, silence: what limits them.

What becomes of the utterance is a verdict, on which `utterances` acts.
"""

from enum import Enum, auto

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import YIELDING, Cause, EndReason
from sessions.turntaking.context import TurnContext
from sessions.turntaking.replies import hurry_idle_prompt, request_end, request_reply
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CandidateState, InterviewerState

HELD_RETRY_MS = 1_000.0
"""Nothing is cut off while it is open whether it interrupts a reply."""


class Verdict(Enum):
    """What becomes of the open utterance."""

    NONE = auto()  # it goes on
    CUT_SHORT = auto()  # it ends here, with the words so far
    DISMISS = auto()  # it was no speech


# --- while a recruiter leads, or the interview is paused ------------------------------------------


def suspend_timers(ctx: TurnContext) -> None:
    """Time nothing of the answer or of the sound any more, and hurry nothing: the interviewer does
    not lead the talk."""
    state = ctx.state
    ctx.timers.clear(Timer.IDLE, Timer.ANSWER_LIMIT, Timer.WORDLESS)
    state.too_long, state.unclear, state.doubted, state.urgent = False, False, False, False
    state.idle_due_ms = None


def resume_timers(ctx: TurnContext) -> None:
    """Time the answer and the sound from now on: the interviewer leads the talk again."""
    ctx.state.wordless = 0
    if ctx.state.candidate is CandidateState.SPEAKING:
        set_answer_timers(ctx, ctx.now, ctx.now)


# --- answers that never end -----------------------------------------------------------------------


def set_answer_timers(ctx: TurnContext, began_ms: float, onset_ms: float) -> None:
    """Set how long the answer that began at `began_ms` may last, and the voice since `onset_ms` be
    without words. With a recruiter, and in a pause, that is nobody's concern."""
    state, rules = ctx.state, ctx.rules
    state.doubted = False
    if state.is_interviewers:
        longest_ms = rules.answer_max_ms if state.answer_max_ms is None else state.answer_max_ms
        until = began_ms + longest_ms * rules.accommodation
        ctx.timers.set(Timer.ANSWER_LIMIT, max(ctx.now, until))
        ctx.timers.set(Timer.WORDLESS, max(ctx.now, onset_ms + rules.wordless_ms))


def disregards_onset(ctx: TurnContext) -> bool:
    """Tell whether the interviewer goes on whatever is heard: to end an answer that takes too long,
    and over noise that was reported in vain."""
    state = ctx.state
    if not state.is_interviewers:
        return False
    if state.candidate is CandidateState.AWAITING_TRANSCRIPT:
        overrun = state.time_over and not ctx.timers.armed(Timer.TIME_LIMIT)
        return state.too_long or overrun
    reply = state.current
    if reply is None or state.interviewer is InterviewerState.HELD:
        return False
    if state.noises > ctx.rules.noise_prompts_max:
        return True
    if reply.cause is not Cause.TOO_LONG:
        return False
    return reply.started_ms is None or ctx.now < reply.started_ms + ctx.rules.insist_ms


def judge_long_answer(ctx: TurnContext) -> Verdict:
    """Decide on an answer that has reached its limit: the first time, look out for a small pause;
    the second, do without."""
    state = ctx.state
    if state.interviewer is InterviewerState.HELD:
        ctx.timers.set(Timer.ANSWER_LIMIT, ctx.now + HELD_RETRY_MS)
        return Verdict.NONE
    if state.candidate is CandidateState.SPEAKING and not state.too_long:
        state.too_long = True
        ctx.timers.set(Timer.ANSWER_LIMIT, ctx.now + ctx.rules.answer_grace_ms)
        return Verdict.NONE
    if state.candidate in (CandidateState.SPEAKING, CandidateState.PAUSING):
        state.too_long = True
        return Verdict.CUT_SHORT
    return Verdict.NONE


# --- sound without words --------------------------------------------------------------------------


def judge_wordless_sound(ctx: TurnContext) -> Verdict:
    """Decide on a voice that never pauses and of which no word is known: ask for its words, and
    then doubt that it is one."""
    state = ctx.state
    if state.candidate is not CandidateState.SPEAKING or state.known is not None:
        return Verdict.NONE
    if state.interviewer is InterviewerState.HELD or state.stopping is not None:
        ctx.timers.set(Timer.WORDLESS, ctx.now + HELD_RETRY_MS)
        return Verdict.NONE
    if not state.doubted:
        state.doubted = True
        state.attempt += 1
        ctx.emit(cmd.FinishTranscript(state.utterance, state.attempt))
        ctx.timers.set(Timer.WORDLESS, ctx.now + ctx.rules.wordless_grace_ms)
        return Verdict.NONE
    if state.reopened or state.typed:  # its beginning is known, or written, and stands
        return Verdict.CUT_SHORT
    state.attempt += 1  # fences off what may still be made of it
    _report_noise(ctx)
    return Verdict.DISMISS


def _report_noise(ctx: TurnContext) -> None:
    """Count noise that has taken the candidate's place as an unanswered prompt, and owe a word on
    it; in the end it was the last. What a recruiter wishes comes before."""
    state = ctx.state
    if state.wish:
        return
    state.noises += 1
    state.idle_level += 1
    if state.idle_level > ctx.rules.idle_prompts_max:
        request_end(ctx, EndReason.CANDIDATE_UNHEARD)
    elif state.owed in YIELDING:
        complains = state.noises <= ctx.rules.noise_prompts_max
        state.owed = Cause.NOISE if complains else Cause.IDLE


def on_sound_changed(ctx: TurnContext, event: ev.SoundChanged) -> None:
    """Take in what kind of sound the microphone delivers from now on."""
    ctx.state.sound = event.sound
    hurry_idle_prompt(ctx)


def is_unclear(ctx: TurnContext, words: ev.TranscriptFinal) -> bool:
    """Tell whether words are so doubtful that they are asked for once more."""
    rules = ctx.rules
    doubtful = words.confidence is not None and words.confidence < rules.unclear_below
    enough = len(words.new_words.split()) >= rules.unclear_words
    return doubtful and enough and not ctx.state.asked_again


# --- silence of both ------------------------------------------------------------------------------


def on_idle(ctx: TurnContext) -> None:
    """Prompt the candidate, or give up after so many prompts without an answer."""
    state = ctx.state
    state.idle_level += 1
    if state.idle_level > ctx.rules.idle_prompts_max:
        noisy = _is_noisy(ctx)
        request_end(ctx, EndReason.CANDIDATE_UNHEARD if noisy else EndReason.CANDIDATE_SILENT)
    else:
        state.hushed = False
        request_reply(ctx, state.owed or _prompt_cause(ctx))


def _is_noisy(ctx: TurnContext) -> bool:
    """Tell whether noise is going on just now."""
    return ctx.state.sound is ev.Sound.NOISE or ctx.state.doubted


def _prompt_cause(ctx: TurnContext) -> Cause:
    """Return the cause of what is said into the silence of both."""
    state, rules = ctx.state, ctx.rules
    noisy = _is_noisy(ctx) or state.wordless >= rules.noise_sounds
    state.wordless = 0
    if state.sound is ev.Sound.SILENT:
        return Cause.NO_SOUND
    if noisy and state.noises < rules.noise_prompts_max:
        state.noises += 1
        return Cause.NOISE
    return Cause.IDLE
