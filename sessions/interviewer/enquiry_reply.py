"""Replies to enquiries: the truth about the interview, and how it goes on from there.

Pure, and the same for every interviewer: such a question gets its answer at once, and not as a
language model may imagine it. What is promised is noted as a to-do in the move, and so on record.
"""

from sessions.interviewer.enquiries.matching import topic_of
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.enquiries.wordings import Topic
from sessions.interviewer.intents import intent_of
from sessions.interviewer.progress import Progress
from sessions.interviewer.protocol import Conversation, Move, MoveKind
from sessions.plan.plan import AnswerShape
from sessions.turntaking.causes import Cause

ENQUIRY = "enquiry"
"""Key in the detail of a move: the topic that the candidate asked about."""

TO_DO = "to_do"
"""Key in the detail of a move: what the candidate asked for, and was promised an answer to."""

MAX_TO_DO_CHARS = 500
"""Length of a to-do at most."""

TRUTHS: dict[Topic, str] = {
    Topic.REAL_PERSON: "I'm not a person: I'm {interviewer}, an AI interviewer, a computer program "
    "that speaks. People read what you have said afterwards.",
    Topic.WHO: "I'm {interviewer}, the AI interviewer for the {role} position{at}.",
    Topic.SEES: "No, I can't see you. There is no picture in this interview, only sound, so a "
    "camera isn't needed.",
    Topic.RECORDED: "What you say is turned into text, and the text is kept for {readers} to read.",
    Topic.READERS: "The text of our conversation is read by the people who hire{at}. They decide, "
    "and not I.",
    Topic.DATA: "What you say is turned into text, and the text is kept for {readers} to read. "
    "I can't tell you more about that myself, but I'll pass your question on, and they will get "
    "back to you.",
    Topic.LENGTH: "The whole interview takes {whole} at most, and we have {left} left.",
    Topic.LEFT: "There are {questions} still to come, and we have {left} left.",
    Topic.RESULT: "I can't tell you that, since people decide and not I. I'll pass your question "
    "on, and the recruiter will get back to you.",
    Topic.PAY: "I can't answer that myself, but I'll pass your question on, and the recruiter will "
    "get back to you.",
    Topic.HUMAN: "I can't put you through to somebody, but I'll pass it on that you would like to "
    "speak to a person. We can go on meanwhile, or stop whenever you say so.",
    Topic.VOLUNTARY: 'No, you don\'t have to answer. Say "next question" if you would rather not, '
    "and "
    "we go on.",
    Topic.VOLUME: "I can't change how loud I am, I'm sorry, but you can change the volume on your "
    "side. "
    "I can speak more slowly if you like.",
    Topic.ACCOMMODATION: "Thank you for telling me. Take all the time you need: ask me to wait, "
    "to speak "
    "more slowly or to say it again as often as you like. I can only take spoken answers, so I'll "
    "pass "
    "it on to the recruiter as well.",
    Topic.JUDGED: "I don't judge answers, so I can't say. There is no trick to it: what you "
    "told me "
    "is on record as you said it.",
    Topic.LANGUAGE: "I can only understand English here, I'm sorry. Take all the time you need: "
    "nobody minds mistakes.",
    Topic.AIDS: "Your own notes are fine with me. I have no rules about other help: what people "
    "want to "
    "read is an answer in your own words.",
    Topic.NERVES: "That's quite all right, and you're doing nothing wrong. Take all the time you "
    "need.",
    Topic.TROUBLE: "I'm sorry about that. I hear you; if the sound stays bad, come closer to the "
    "device, or load the page anew: we go on where we were.",
    Topic.ON_TOPIC: "That's up to you: choose what shows your work best, as long or short as it "
    "needs.",
}
"""What is true, for each topic after which the question is asked again."""

INVITATIONS: dict[Topic, str] = {
    Topic.ADD: "Of course, please go ahead.",
    Topic.CORRECT: "Of course. Please tell me how it should be; the correction goes on record, "
    "too.",
    Topic.START_OVER: "Of course. Please begin again, I'm listening.",
    Topic.UNFINISHED: "I'm sorry for cutting you short. Please go on.",
}
"""What is said to somebody who wants to speak: it is their turn."""

GOT_IT = "Yes, I've got that, thank you, and it is on record. Would you like to add anything?"
NOTHING_YET = "I can hear you, but I have no answer from you yet."
SAID_ALREADY = "You did, I'm sorry. What you said is on record, so you need not repeat it."
ANYTHING_TO_ADD = "Is there anything you would like to add to it? If not, just say so."
ASK_MORE = "Is there anything else you'd like to ask?"
ONCE_MORE = "My question was:"
GO_ON = "Please go on."

PROMISED = (Topic.DATA, Topic.RESULT, Topic.PAY, Topic.HUMAN, Topic.ACCOMMODATION)
"""Topics whose reply promises that somebody gets back to the candidate."""

VAGUE = (Topic.ON_TOPIC, Topic.JUDGED)
"""Topics that count for less than a request for time, or a question of the candidate's own."""

OPEN_TO = (Intent.ANSWER, Intent.QUESTION, Intent.PERMISSION, Intent.WAIT, Intent.NO)
"""Intents that do not settle by themselves what is wanted."""


def enquiry_reply(conversation: Conversation, progress: Progress) -> tuple[Move, str] | None:
    """Return the reply to an enquiry, or None where the candidate makes none."""
    current, latest = progress.current, progress.pending[-1] if progress.pending else ""
    if conversation.cause is not Cause.ANSWER or not conversation.language.startswith("en"):
        return None
    intent = intent_of(latest)
    if current is None or progress.closed or not latest or intent not in OPEN_TO:
        return None
    topic = topic_of(latest)
    theirs = current.expects is AnswerShape.QUESTIONS
    if topic is None or (topic in VAGUE and (theirs or intent is Intent.WAIT)):
        return None
    detail: dict[str, str | int] = {ENQUIRY: topic.value}
    if topic in PROMISED:
        detail[TO_DO] = latest[:MAX_TO_DO_CHARS]
    if topic in INVITATIONS:
        return Move(MoveKind.HOLD, current.id, detail), INVITATIONS[topic]
    kind, text = MoveKind.ANSWER, _text(topic, conversation, progress)
    return Move(kind, current.id, detail), text


def _text(topic: Topic, conversation: Conversation, progress: Progress) -> str:
    """Return the words of a reply that is no mere invitation to speak."""
    answered = len(progress.on_current.said) > 1  # beside the enquiry itself
    if topic is Topic.GOT_IT:
        return GOT_IT if answered else f"{NOTHING_YET} {_question(progress)}"
    if topic is Topic.ALREADY_SAID:
        return f"{SAID_ALREADY} {ANYTHING_TO_ADD}"
    truth = TRUTHS[topic].format(**_facts(conversation, progress))
    if progress.current is not None and progress.current.expects is AnswerShape.QUESTIONS:
        return f"{truth} {ASK_MORE}"
    if topic is Topic.ON_TOPIC or (answered and topic is not Topic.TROUBLE):
        return f"{truth} {GO_ON}"
    return f"{truth} {_question(progress)}"


def _question(progress: Progress) -> str:
    """Return the question that is open, asked again."""
    current, probe = progress.current, progress.on_current.latest_probe
    if current is None:
        return ""
    put = current.probes[probe].text if probe is not None else current.text
    return f"{ONCE_MORE} {put}"


def _facts(conversation: Conversation, progress: Progress) -> dict[str, str]:
    plan, organisation = conversation.plan, conversation.plan.organisation
    left = len(progress.remaining)
    return {
        "interviewer": plan.persona.name,
        "role": plan.role,
        "at": f" at {organisation}" if organisation else "",
        "readers": organisation or "the people who hire",
        "whole": _minutes(plan.time_limit_minutes),
        "left": _minutes(conversation.time_left_ms / 60_000),
        "questions": (
            "no further questions"
            if not left
            else f"up to {left} questions" if left > 1 else "one question"
        ),
    }


def _minutes(minutes: float) -> str:
    whole = max(1, round(minutes))
    return "about one minute" if whole == 1 else f"about {whole} minutes"
