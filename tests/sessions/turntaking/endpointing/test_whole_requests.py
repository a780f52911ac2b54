"""Requests to the interviewer are complete however short; answers that sound alike are not."""

import re
from itertools import pairwise

import pytest

from bench.corpus import held_out_texts, texts, untidy_texts
from sessions.turntaking.endpointing.pause_rules import EndpointingRules, patience
from sessions.turntaking.endpointing.whole_requests import is_whole_request

RULES = EndpointingRules()
SHAPES = ("", "yes_no", "short", "number", "spelling", "story", "explanation", "questions")

REQUESTS = {
    "to repeat": [
        *("Could you repeat that?", "Could you repeat the question, please?", "Sorry?", "Pardon?"),
        *("Sorry, could you say that again", "Again, please.", "What was the question again?"),
        *("I didn't catch that.", "Sorry, I didn’t get the second part.", "Come again?"),
        *("Wait. Could you repeat the question?", "Hang on, could you say it again?"),
        *("Wait, sorry, what was the second part?", "One moment. Can you say that once more?"),
    ],
    "to explain": [
        *("What do you mean by that?", "In what sense?", "Can you give me an example?"),
        *("Sorry, I didn't understand the question.", "Um, could you rephrase that?"),
        *("What kind of example are you looking for?", "I don't follow."),
    ],
    "for another tempo": [
        *("Slower, please.", "Could you speak up?", "Not so fast.", "Please slow down a bit."),
        *("You're talking too fast.", "Can you speak more slowly?"),
    ],
    "to go on": [
        *("Can I skip this one?", "Next question, please.", "Skip.", "Can we move on"),
        *("I'd rather not answer that.", "Can we come back to that later?", "Pass."),
    ],
    "of the interview": [
        *("Are you still there?", "Can you hear me?", "Is this recorded?", "Who reads this?"),
        *("How long will it take?", "Are you a real person?", "Did you get that?"),
        *("May I add something?", "Can you give me a moment?", "What does the team look like?"),
        *("Should I talk about work or about university?", "Hello? Can you hear me?"),
    ],
    "not known": [
        *("I don't know.", "I don't know", "Honestly, I don't know.", "No idea.", "I'm not sure."),
        *("Sorry, I have no idea.", "Nothing comes to mind.", "I can't think of anything."),
        *(
            "I don't remember.",
            "Honestly, I can't recall.",
            "I really can't say.",
            "Not that I know.",
        ),
        *(
            "I can't think of one right now.",
            "I'm not really sure.",
            "Nothing comes to mind just now.",
        ),
    ],
    "done": [
        *("That's all.", "That's it.", "So, that's about it.", "I think that's all I can say."),
        *("We moved it in March, and it worked. That's all.", "I'm done.", "Nothing to add."),
        "I build bridges, mostly in wood. Does that answer your question?",
        *("We moved it to one calendar, that's it.", "I load the trucks, and that's about all."),
    ],
}

OTHERS = [
    *("Could you", "Can I?", "Can you tell me about the?", "Is it the", "Well.", "Yes.", "", "?"),
    *("I don't know if you have heard of Kafka.", "I don't know Rust very well.", "Let me think."),
    *("So what did we do?", "It was in March.", "What I did was", "Where I come from, people work"),
    *("I said, can you do it", "That's all we had at that time.", "The customer asked: is it on?"),
    *("I could repeat that for every", "Again and again we failed.", "I'm not sure that it was."),
    *(
        "I don't remember the name, but",
        "I can't say it was easy.",
        "I can't recall a time like it",
    ),
    *("We had it. What did I learn?", "Give me a moment.", "Hold on.", "Could you tell me..."),
]


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_whole_request_is_answered_soon_whatever_was_asked(kind: str) -> None:
    for text in REQUESTS[kind]:
        for shape in SHAPES:
            wait = patience(text, shape, 1_900, 1.0, RULES, longest_gap_ms=1_200)
            assert (wait.ms, wait.rule) == (RULES.request_ms, "request"), text


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_begins_like_a_request_is_none(text: str) -> None:
    assert not is_whole_request(text)


@pytest.mark.parametrize("corpus", [texts, untidy_texts, held_out_texts])
def test_no_answer_of_the_corpora_is_taken_for_a_request_at_a_pause(corpus: object) -> None:
    told = [
        answer
        for kind in vars(corpus).values()
        if isinstance(kind, dict)
        for answers in kind.values()
        if isinstance(answers, tuple)
        for answer in answers
        if isinstance(answer, str)
    ]
    assert len(told) > 50
    for answer in told:
        parts = [part.strip() for part in re.split(r"[|/]", answer)]
        for end, _ in pairwise(range(1, len(parts) + 1)):
            assert not is_whole_request(" ".join(parts[:end])), answer


def test_who_needs_more_time_has_more_here_too() -> None:
    assert patience("Sorry?", "story", 0, 2.0, RULES).ms == 2 * RULES.request_ms
