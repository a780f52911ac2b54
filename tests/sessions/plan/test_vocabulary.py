"""Vocabulary: which terms come first, how many there are, and that Whisper transcribes them."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.local_whisper import PROMPT_TOKENS, LocalWhisper
from audio.speech import SPEECH_RATE
from sessions.listening.transcription import PROMPT_CHARS
from sessions.plan.plan import Plan, demo_plan, parse_plan
from sessions.plan.vocabulary import MAX_TERMS_CHARS, Vocabulary
from tests.sessions.conftest import Said


def plan(*questions: dict[str, Any], **more: Any) -> Plan:
    asked = [
        {"id": f"q{number}", "text": "What did you do there?", "competency": "Depth"} | question
        for number, question in enumerate(questions, 1)
    ]
    section = {"title": "Work", "questions": asked}
    return parse_plan({"title": "T", "role": "operator", "sections": [section], **more})


def test_the_question_comes_first_then_the_plan_then_the_rest() -> None:
    vocabulary = Vocabulary(
        plan(
            {"terms": ["Ansible"]},
            {
                "terms": ["Kubernetes"],
                "probes": [
                    {"cue": "mentions: helm, argo", "text": "How did you release?"},
                    {"cue": "short", "text": "And then?"},
                ],
                "text": "What did you run on Nomad, and why?",
            },
            organisation="Northwind",
            terms=["Siobhan Okonkwo"],
        )
    )
    assert vocabulary.terms("q2") == (
        "Kubernetes, helm, argo, Nomad, Siobhan Okonkwo, Northwind, operator, Depth, Ansible, Viva."
    )
    assert vocabulary.terms(None).startswith("Siobhan Okonkwo, Northwind, operator, Ansible")


def test_a_sentence_begins_with_no_name_and_nothing_comes_twice() -> None:
    text = "Kafka is used here. Do you know Kafka, C++ and OAuth2? I'd ask what I'm told: Tell me."
    vocabulary = Vocabulary(plan({"text": text, "terms": ["kafka"]}))
    assert vocabulary.terms("q1").startswith("kafka, C++, OAuth2, operator")


def test_there_are_no_more_than_whisper_has_room_for() -> None:
    many = [f"Longish Term {number}" for number in range(40)]
    terms = Vocabulary(plan({"terms": many}, terms=["Short"])).terms("q1")
    assert MAX_TERMS_CHARS - 20 < len(terms) <= MAX_TERMS_CHARS
    assert terms.startswith("Longish Term 0, Longish Term 1")
    assert terms.endswith(".")


@pytest.fixture(scope="module")
async def whisper(real_models: None) -> AsyncIterator[LocalWhisper]:
    whisper = LocalWhisper()
    await whisper.warm_up()
    yield whisper
    await whisper.close()


TERMS = Vocabulary(
    plan(
        {"terms": ["Kubernetes", "Terraform", "gRPC", "Grafana", "Redis"]},
        organisation="Northwind",
        terms=["Siobhan Okonkwo"],
    )
).terms("q1")


@pytest.mark.parametrize(
    ("sentence", "term"),
    [
        ("I deployed it with Kubernetes and Terraform.", "Kubernetes"),
        ("My manager was Siobhan Okonkwo.", "Siobhan Okonkwo"),
        ("We used Postgres and Redis for that.", "Redis"),
    ],
)
async def test_whisper_hears_a_term_right_that_it_hears_wrong_without(
    whisper: LocalWhisper, said: Said, sentence: str, term: str
) -> None:
    sound = said(sentence)
    assert term not in (await whisper.transcribe(sound)).text
    assert (await whisper.transcribe(sound, prompt=TERMS)).text == sentence


async def test_the_terms_do_not_push_the_text_so_far_out_of_the_prompt(
    whisper: LocalWhisper,
) -> None:
    tokenizer = whisper._load().hf_tokenizer
    for question in demo_plan().questions():
        terms = Vocabulary(demo_plan()).terms(question.id)
        prompt = f"{terms} " + "I looked at the metrics, then at the logs. " * 10
        tokens = tokenizer.encode(" " + prompt[:PROMPT_CHARS], add_special_tokens=False).ids
        assert len(tokens) <= PROMPT_TOKENS


def hum(hz: float, level: float, milliseconds: int) -> NDArray[np.int16]:
    """A voice's hum with its overtones in two seconds of a quiet room."""
    time = np.arange(2 * SPEECH_RATE) / SPEECH_RATE
    tone = sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 8))
    loud = (time > 0.5) & (time < 0.5 + milliseconds / 1000)
    room = np.random.default_rng(5).normal(0, 8, time.size)
    return (level * tone * loud + room).astype(np.int16)


async def test_no_term_is_heard_in_silence_noise_or_a_hum(
    whisper: LocalWhisper, said: Said
) -> None:
    rng = np.random.default_rng(6)
    nothing = [np.zeros(2 * SPEECH_RATE, np.int16)]
    nothing += [rng.normal(0, level, 2 * SPEECH_RATE).astype(np.int16) for level in (8, 300, 2_000)]
    nothing += [hum(hz, level, 400) for hz in (110, 200) for level in (500, 3_000)]
    for sound in nothing:
        assert (await whisper.transcribe(sound, prompt=TERMS)).text == ""
    for hummed in ("Mm.", "Uh.", "Hmm.", "Okay."):
        heard = (await whisper.transcribe(said(hummed), prompt=TERMS)).text
        assert not any(term.casefold() in heard.casefold() for term in TERMS[:-1].split(", "))
        assert len(heard.split()) <= 1
