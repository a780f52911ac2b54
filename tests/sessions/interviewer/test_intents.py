"""Intents: requests are recognised, answers that only sound like one are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import has_question, intent_of, word_count

CASES: dict[Intent, list[str]] = {
    Intent.ANSWER: [
        "I work as a backend engineer at Contoso.",
        "I don't know if you have heard of Kafka, but we moved our events to it last year.",
        "Twelve weeks.",
        "Yes, I was on call for two years.",
        "We had to stop the interview process because of the virus, so I left.",
        "I once asked my lead, can you repeat that? He laughed and we fixed it.",
        "No, I have never been on call in my life.",
        "I don't know Rust very well but Go I know.",
        "Again and again we failed.",
        "The deployment went too fast for me and that is why it broke.",
        "We had to stop it.",
        "I told them to slow down, and then we could finish the call.",
        "Stop words are removed before the index is built.",
        "I was done with my degree in 2019.",
        "When the customer said goodbye I wrote the report.",
        "I want to stop doing front end work and go on with databases.",
        "I worked with Kafka. Does that answer it?",
    ],
    Intent.NOTHING: ["", "  ...", "?"],
    Intent.WAIT: [
        "Um.",
        "Hmm, let me think.",
        "Give me a moment, please.",
        "Just a second.",
        "Uh, well...",
        "Can I have a minute to think?",
        "That's a good question.",
        "Can we take a short break?",
        "Could we pause for a minute?",
    ],
    Intent.REPEAT: [
        "Could you repeat that?",
        "Sorry?",
        "Pardon?",
        "I'm sorry, could you repeat the question?",
        "Sorry, I didn't catch that.",
        "What was the question again?",
        "Can you say that again please?",
        "I didn’t hear you.",
        "Would you mind repeating that?",
        "Can I hear the question again?",
        "Could you please repeat the question one more time?",
    ],
    Intent.REPHRASE: [
        "What do you mean by that?",
        "I don't understand the question.",
        "Could you rephrase that?",
        "I'm not sure I understand.",
        "What do you mean by bottleneck?",
        "What does bottleneck mean?",
        "Can you give me an example?",
    ],
    Intent.SKIP: [
        "I don't know.",
        "I have no idea.",
        "Skip this one.",
        "Next question, please.",
        "Can we move on?",
        "I'd rather not answer that.",
        "Can we skip this question?",
        "I'm not sure.",
        "Skip.",
        "Could we come back to that later?",
    ],
    Intent.STOP: [
        "Can we stop the interview, please?",
        "Can we end this call?",
        "I want to end the interview.",
        "Please end the interview now.",
        "I would like to stop now, please.",
        "I have to go.",
    ],
    Intent.MAY_STOP: [
        "Can we stop?",
        "Can we stop here?",
        "Let's stop.",
        "Stop.",
        "Bye.",
        "Okay, goodbye.",
        "I'm done.",
    ],
    Intent.SLOWER: [
        "Slower, please.",
        "A bit slower please.",
        "Could you speak more slowly?",
        "Can you please talk a little slower?",
        "Sorry, could you say that again more slowly, please?",
        "Could you repeat the question slower?",
        "Please slow down.",
        "Could you slow down a bit?",
        "You're talking too fast.",
        "That was too fast for me.",
        "Not so fast, please.",
        "Would you mind speaking a bit slower?",
    ],
    Intent.FASTER: [
        "Faster please.",
        "You can speak a bit faster.",
        "You are speaking too slowly.",
        "You can talk normally again.",
    ],
    Intent.PRESENCE: ["Hello?", "Are you still there?", "Can you hear me?"],
    Intent.PERMISSION: [
        "Is it okay if I talk about my last job?",
        "Can I use an example from university?",
    ],
    Intent.QUESTION: ["What does the team look like?", "And is the position remote?"],
    Intent.YES: ["Yes.", "Yes, please.", "Okay.", "Yeah."],
    Intent.NO: [
        "No.",
        "No, thank you.",
        "No, that's all.",
        "Nothing, thanks.",
        "Not really.",
        "No, I don't think so.",
        "No, I don't have any questions.",
    ],
}


@pytest.mark.parametrize(
    ("text", "intent"), [(text, intent) for intent, texts in CASES.items() for text in texts]
)
def test_an_utterance_is_understood(text: str, intent: Intent) -> None:
    assert intent_of(text) is intent


def test_a_question_is_found_within_an_utterance() -> None:
    assert has_question("Yes, sure. What is the salary?")
    assert has_question("Yes. How big is the team")
    assert not has_question("No, I am happy. Thank you.")


def test_fillers_do_not_count_as_words() -> None:
    assert word_count("Um, well, so I built it") == 3


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_an_intent(text: str) -> None:
    assert intent_of(text) in Intent
    assert word_count(text) >= 0
