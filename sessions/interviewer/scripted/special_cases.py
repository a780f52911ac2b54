"""Special cases of the script: no sound, noise, unclear words, stopping, the speaking rate."""

from sessions.interviewer.dialogue_state import DialogueState
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of
from sessions.interviewer.protocol import MoveKind
from sessions.interviewer.scripted.phrases import AGAIN, Decision, join_phrases, latest_put, vary
from sessions.interviewer.speaking_rate import NORMAL_RATE, SPEAKING_RATES, faster, slower

STOP_THERE = (
    "Thank you, and I'm sorry to interrupt. I have to stop you there, so that we get to everything."
)
FEW_MINUTES = "We have only a few minutes left, so let me come to what matters most."
VOICES = (
    "I hear other voices near you, perhaps a television, and can't tell them from yours. Could you "
    "turn them down, or move somewhere quieter?"
)
PASSED_ON = (
    "Thank you, I'll pass that on as well. Is there anything else?",
    "I'll pass that on, too. What else would you like to know?",
    "Noted, thank you. Is there another question?",
)
CONFIRMS_STOP = (Intent.YES, Intent.MAY_STOP)
"""Intents that confirm that the interview is to end, once that was offered."""

_MICROPHONE = (
    "I can't hear anything from your microphone at the moment. Could you check that it is "
    "connected, and that you are not muted?"
)
_STILL_NOTHING = (
    "I still hear nothing at all from your microphone. Choosing another one, or loading the page "
    "anew, may help. I'll wait for you."
)
_MUTED = (
    "Your microphone is muted on this page, so I can't hear you. Press Unmute when you would like "
    "to answer."
)
_STILL_MUTED = "Your microphone is still muted on this page. Press Unmute, and I will hear you."
_NOISE = (
    "I hear a lot of noise, but I can't make out any words. Could you move somewhere quieter, or "
    "come closer to the microphone?"
)
_STILL_NOISE = (
    "It is still too noisy for me to understand you. Could you turn off what makes the noise, or "
    "use a headset?"
)


def no_sound(state: DialogueState) -> Decision:
    """Say that nothing comes from the microphone. The question stays open."""
    return _hold(state, _MICROPHONE if state.idle_level <= 1 else _STILL_NOTHING)


def muted(state: DialogueState) -> Decision:
    """Say that the microphone is muted on the page. The question stays open."""
    return _hold(state, _MUTED if state.idle_level <= 1 else _STILL_MUTED)


def noise(state: DialogueState) -> Decision:
    """Say that there is sound, and no word in it."""
    return _hold(state, _STILL_NOISE if state.last_reply == _NOISE else _NOISE)


def voices(state: DialogueState) -> Decision:
    """Say that other voices are heard, and put the question again, which they may have covered."""
    if state.current is None:
        return _hold(state, VOICES)
    return _repeat(state, join_phrases(VOICES, "My question was:", latest_put(state)))


def is_unclear(state: DialogueState) -> bool:
    """Return whether unclear words are an answer: what is certainly a request is met."""
    return bool(state.pending) and intent_of(state.pending[-1]) is Intent.ANSWER


def unclear(state: DialogueState) -> Decision:
    """Ask for the answer once more; what was understood is on record."""
    return _hold(
        state,
        "I'm sorry, I couldn't make out all of that. It sounded as if somebody else was speaking, "
        "too. Could you say it once more?",
    )


def offer_to_stop(state: DialogueState) -> Decision:
    """Ask whether to end: a word of leaving may be misheard, or mean a pause."""
    return _hold(
        state,
        "We can end the interview here if you like; your answers are saved. Shall we stop?",
        stop=1,
    )


def go_on_after_all(state: DialogueState) -> Decision:
    """Go on with the question for a candidate who does not want to stop."""
    text = join_phrases("All right, then let's go on. My question was:", latest_put(state))
    return _repeat(state, text)


def change_speaking_rate(state: DialogueState, intent: Intent) -> Decision:
    """Repeat the question more slowly or faster, and go on at that rate."""
    rate = slower(state.speaking_rate) if intent is Intent.SLOWER else faster(state.speaking_rate)
    if rate == state.speaking_rate:
        lead = (
            "This is as slowly as I can speak, I'm sorry. Once more:"
            if rate == SPEAKING_RATES[0]
            else "This is my usual speed. Once more:"
        )
    elif intent is Intent.SLOWER:
        lead = "Of course, I'll speak more slowly."
    else:
        lead = "All right, a little faster." if rate < NORMAL_RATE else vary(AGAIN, state)
    claim = "slower" if intent is Intent.SLOWER else "faster"
    return _repeat(state, join_phrases(lead, latest_put(state)), **{claim: 1})


def _hold(state: DialogueState, text: str, **detail: str | int) -> Decision:
    question = state.current.id if state.current is not None else None
    return Decision(MoveKind.HOLD, question, text, detail)


def _repeat(state: DialogueState, text: str, **detail: str | int) -> Decision:
    question = state.current.id if state.current is not None else None
    return Decision(MoveKind.REPEAT, question, text, detail)
