"""Script: from the dialogue state to the next move and its words, without a language model.

Pure and deterministic. The words between the plan's own are English.
"""

import re
from collections.abc import Mapping, Sequence

from sessions.interviewer.announcements import question_of
from sessions.interviewer.dialogue_state import MAX_PROBES, DialogueState
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import has_question, intent_of, word_count
from sessions.interviewer.protocol import MoveKind
from sessions.interviewer.scripted import special_cases
from sessions.interviewer.scripted.phrases import (
    ACKNOWLEDGE,
    AGAIN,
    ALL_RIGHT,
    GO_AHEAD,
    KINDLY,
    LAST,
    PLEASE,
    TAKE_TIME,
    TELL_MORE,
    Decision,
    join_phrases,
    latest_put,
    vary,
)
from sessions.plan.plan import AnswerShape, Cue, CueKind
from sessions.turntaking.causes import Cause

SHORT_ANSWER_WORDS: Mapping[AnswerShape, int] = {
    AnswerShape.YES_NO: 4,
    AnswerShape.SHORT: 2,
    AnswerShape.NUMBER: 0,
    AnswerShape.SPELLING: 0,
    AnswerShape.EXPLANATION: 15,
    AnswerShape.STORY: 25,
    AnswerShape.QUESTIONS: 0,
}
"""Number of words below which an answer is short, by its shape. At about 2.5 words a second, 25
words are ten seconds of speech: too few for a situation, what was done, and a result."""

TALKATIVE = (AnswerShape.EXPLANATION, AnswerShape.STORY)
"""Shapes of which a short answer is followed up even if the plan has no probe for it."""

MAX_REPEATS = 4
"""Number of times that one question is repeated on request; then the interview goes on."""

MAX_HOLDS = 4
"""Number of times that the candidate is given time for one question; then the interview goes on."""

MAX_REPLIES = 3
"""Number of the candidate's own questions that are answered during one question."""

MAX_OWN_QUESTIONS = 10
"""Number of questions that are answered when it is the candidate's turn to ask. That ends by the
time, or when nothing is left to ask; this limit is for somebody who asks the same for ever."""

MIN_OVERHEARD_WORDS = 8
"""Number of words said over an unheard question that deserve an acknowledgement of their own."""

_EXAMPLE = re.compile(
    r"\b(for example|for instance|such as|like when|once|one time|one day|last (year|month|week)|"
    r"(a few|two|three|some) (years|months|weeks) ago|there was|we had|i had|when i|when we|"
    r"at (my|our)|in my|in our|i remember|back (when|then|in))\b",
    re.IGNORECASE,
)
_WANTS_TO_KNOW = re.compile(
    r"\b(know|wonder(ing)?|ask|curious|tell me|interested)\b", re.IGNORECASE
)


def decide(state: DialogueState) -> Decision:
    """Return the next move and its words."""
    if state.closed:
        return _close(state, "Our conversation is over.")
    match state.cause:
        case Cause.TIME_UP:
            return _close(state, "I'm afraid our time is up, so we have to stop here.")
        case _ if not state.opened:
            return _open(state, special_cases.VOICES if state.cause is Cause.VOICES else "")
        case Cause.OPENING | Cause.RESUME:
            return _resume(state)
        case Cause.IDLE:
            return _idle(state)
        case Cause.NO_SOUND:
            return special_cases.no_sound(state)
        case Cause.VOICES:
            return special_cases.voices(state)
        case Cause.MUTED:
            return special_cases.muted(state)
        case Cause.NOISE:
            return special_cases.noise(state)
        case Cause.TOO_LONG:
            return _go_on(state, special_cases.STOP_THERE)
        case Cause.UNCLEAR if special_cases.is_unclear(state):
            return special_cases.unclear(state)
        case Cause.UNPAUSE:
            return _resume(state, "Let's go on.")
        case Cause.HAND_BACK:
            return _after_recruiter(state)
        case Cause.SKIP:
            return _go_on(state, "Let's leave this question and go on.", skip=True)
        case _:
            return _answer(state)


# --- by cause ---------------------------------------------------------------------------------


def _open(state: DialogueState, lead: str = "") -> Decision:
    if state.next is None:
        return _close(state, "")
    return Decision(
        MoveKind.ASK,
        state.next.id,
        join_phrases(lead, state.opening, state.next_lead_in, state.next.text),
    )


def _after_recruiter(state: DialogueState) -> Decision:
    """Go on after a takeover: repeat a question without an answer, else put the next one."""
    if state.current is not None and not state.said:
        text = join_phrases("Thank you. Let me come back to my question.", latest_put(state))
        return Decision(MoveKind.REPEAT, state.current.id, text)
    return _go_on(state, "Thank you. Let's go on.")


def _resume(state: DialogueState, welcome: str = "Welcome back.") -> Decision:
    """Welcome the candidate back; then reply to what was said, or repeat the current question."""
    if state.pending or state.current is None:
        decision = _answer(state)
        return Decision(
            decision.kind,
            decision.question,
            join_phrases(welcome, decision.text),
            decision.detail,
        )
    return Decision(
        MoveKind.REPEAT,
        state.current.id,
        join_phrases(welcome, "Here is my question again.", latest_put(state)),
    )


def _idle(state: DialogueState) -> Decision:
    if state.current is None:
        return _go_on(state, "")
    if state.idle_level <= 1:
        if not state.current_heard:
            text = join_phrases("Let me say that again.", latest_put(state))
            return Decision(MoveKind.REPEAT, state.current.id, text)
        return Decision(MoveKind.HOLD, state.current.id, vary(TAKE_TIME, state))
    if state.current.expects is AnswerShape.QUESTIONS:  # who has none to ask need not say so
        return _go_on(state, "Let's leave it at that and go on.", skip=True)
    return _rephrase(state, "Let me put it another way.")  # silence drops no question


def _answer(state: DialogueState) -> Decision:
    """Reply to the candidate's latest words."""
    current = state.current
    if current is None:
        return _go_on(state, vary(ACKNOWLEDGE, state))
    if state.hint:
        return Decision(MoveKind.PROBE, current.id, question_of(state.hint))
    latest = state.pending[-1] if state.pending else ""
    intent = intent_of(latest)
    if intent is Intent.STOP or (state.stop_offered and intent in special_cases.CONFIRMS_STOP):
        return _close(state, "Of course, we can stop here.", {"early": 1})
    if intent is Intent.MAY_STOP:
        return special_cases.offer_to_stop(state)
    if state.stop_offered and intent is Intent.NO:
        return special_cases.go_on_after_all(state)
    if not state.current_heard and state.repeated < MAX_REPEATS:
        spoke = word_count(latest) >= MIN_OVERHEARD_WORDS
        lead = "Thank you for adding that. My question was:" if spoke else "Let me ask that again."
        return Decision(MoveKind.REPEAT, current.id, join_phrases(lead, latest_put(state)))
    asked_for = _request(state, intent)
    if asked_for is not None:
        return asked_for
    if current.expects is AnswerShape.QUESTIONS:
        return _their_turn(state, intent, latest)
    return _probe(state, intent) or _go_on(state, vary(ACKNOWLEDGE, state))


def _request(state: DialogueState, intent: Intent) -> Decision | None:
    """Meet a request; None if there is none, or if it is the candidate's turn to ask."""
    current = state.current
    if current is None:
        return None
    over = _go_on(state, "Let's leave this one and go on.", skip=True)
    match intent:
        case Intent.SKIP:
            return _go_on(state, vary(KINDLY, state), skip=True)
        case Intent.WAIT | Intent.NOTHING | Intent.PERMISSION if state.held >= MAX_HOLDS:
            return over
        case Intent.WAIT:
            return Decision(MoveKind.HOLD, current.id, vary(TAKE_TIME, state))
        case Intent.NOTHING:
            text = "I'm sorry, I didn't catch that. Could you say it once more?"
            return Decision(MoveKind.HOLD, current.id, text)
        case Intent.SLOWER | Intent.FASTER:
            return special_cases.change_speaking_rate(state, intent)
        case Intent.REPEAT | Intent.REPHRASE | Intent.PRESENCE if state.repeated >= MAX_REPEATS:
            return over
        case Intent.REPEAT:
            text = join_phrases(vary(AGAIN, state), latest_put(state))
            return Decision(MoveKind.REPEAT, current.id, text)
        case Intent.REPHRASE:
            return _rephrase(state, "Let me put it another way.")
        case Intent.PRESENCE:
            text = join_phrases("Yes, I'm here. My question was:", latest_put(state))
            return Decision(MoveKind.REPEAT, current.id, text)
        case _ if current.expects is AnswerShape.QUESTIONS:
            return None
        case Intent.PERMISSION:
            return Decision(MoveKind.HOLD, current.id, vary(PLEASE, state))
        case Intent.QUESTION if state.replied < MAX_REPLIES:
            lead = "The recruiter can tell you more about that. Coming back to my question:"
            return Decision(MoveKind.ANSWER, current.id, join_phrases(lead, latest_put(state)))
        case _:
            return None


def _their_turn(state: DialogueState, intent: Intent, latest: str) -> Decision:
    """Reply to a candidate who has been invited to ask."""
    if state.current is None:
        return _go_on(state, "")
    asks = has_question(latest) or (
        intent in (Intent.ANSWER, Intent.QUESTION) and _WANTS_TO_KNOW.search(latest) is not None
    )
    if asks and not state.last_minute and state.replied < MAX_OWN_QUESTIONS:
        text = (
            vary(special_cases.PASSED_ON, state)
            if state.replied
            else "That's a good question. I can't answer it myself, but I'll pass it on, and the "
            "recruiter will follow up with you on it. Is there anything else you'd like to ask?"
        )
        return Decision(MoveKind.ANSWER, state.current.id, text)
    if intent is Intent.YES and state.held < MAX_HOLDS:
        return Decision(MoveKind.HOLD, state.current.id, GO_AHEAD)
    return _go_on(state, "Thank you, I'll pass that on, too." if asks else ALL_RIGHT)


# --- moves ------------------------------------------------------------------------------------


def _go_on(state: DialogueState, lead: str, *, skip: bool = False) -> Decision:
    """Put the next question, or close if there is none.

    With `skip`, a question that was left without any answer is noted as skipped.
    """
    unanswered = state.current is not None and not any(_is_answer(part) for part in state.said)
    detail: dict[str, str | int] = {}
    if skip and state.current and unanswered:
        detail["skipped"] = state.current.id
    if state.next is None:
        end = "We're almost out of time, so let's stop here." if state.left else ""
        return _close(state, join_phrases(lead, end or LAST), detail)
    hurry = "" if state.time_warning_given or not state.short_of_time else special_cases.FEW_MINUTES
    if hurry:
        detail["wrapping"] = 1
    return Decision(
        MoveKind.ASK,
        state.next.id,
        join_phrases(lead, hurry, state.next_lead_in, state.next.text),
        detail,
    )


def _close(
    state: DialogueState, lead: str, detail: Mapping[str, str | int] | None = None
) -> Decision:
    return Decision(MoveKind.CLOSE, None, join_phrases(lead, state.closing), detail or {})


def _rephrase(state: DialogueState, lead: str) -> Decision:
    """Put the question in other words; where the plan has none left, in the same."""
    current = state.current
    if current is None:
        return _go_on(state, "")
    if state.latest_probe is None:
        for number, wording in enumerate(current.rephrased):
            if number not in state.wordings:
                text = join_phrases(lead, wording)
                return Decision(MoveKind.REPEAT, current.id, text, {"wording": number})
    text = join_phrases("Let me say it once more.", latest_put(state))
    return Decision(MoveKind.REPEAT, current.id, text)


def _probe(state: DialogueState, intent: Intent) -> Decision | None:
    """Follow up if the answer so far calls for it, and time and number allow it."""
    current = state.current
    if current is None or state.probed >= MAX_PROBES or not state.time_to_probe:
        return None
    if intent is Intent.NO and current.expects in TALKATIVE:
        return None  # there is nothing to say; asking for more would be rude
    answer = " ".join(part for part in state.said if _is_answer(part))
    short = word_count(answer) < SHORT_ANSWER_WORDS[current.expects]
    for number, probe in enumerate(current.probes):
        if number not in state.probes and _called_for(probe.parsed_cue, answer, short):
            text = join_phrases(vary(ACKNOWLEDGE, state), probe.text)
            return Decision(MoveKind.PROBE, current.id, text, {"probe": number})
    if short and state.probed == 0 and current.expects in TALKATIVE:
        text = join_phrases(vary(ACKNOWLEDGE, state), TELL_MORE)
        return Decision(MoveKind.PROBE, current.id, text)
    return None


def _called_for(cue: Cue, answer: str, short: bool) -> bool:
    match cue.kind:
        case CueKind.SHORT:
            return short
        case CueKind.NO_EXAMPLE:
            return _EXAMPLE.search(answer) is None
        case CueKind.MENTIONS:
            return _mentions(answer, cue.words)
        case CueKind.MISSING:
            return not _mentions(answer, cue.words)
        case CueKind.JUDGED:
            return False


# --- words ------------------------------------------------------------------------------------


def _mentions(answer: str, words: Sequence[str]) -> bool:
    """Return whether one of the words, or a longer form of it ("metrics"), was said."""
    plain = " ".join(re.sub(r"[^\w' ]+", " ", answer.lower()).split())
    return any(re.search(rf"(?<!\w){re.escape(word)}", plain) for word in words)


def _is_answer(text: str) -> bool:
    return intent_of(text) in (Intent.ANSWER, Intent.YES, Intent.NO)
