"""What counts as "go on", and what as "my turn"."""

import pytest

from sessions.turntaking.endpointing.backchannels import is_backchannel, is_content, is_echo


@pytest.mark.parametrize(
    "text",
    ["", " ... ", "Mhm.", "Mm-hmm", "uh-huh!", "Okay.", "Oh, I see.", "Right, right.", "Got it."],
)
def test_listener_responses(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "Wait.",
        "Okay, but why?",
        "yes yes yes yes",
        "10",
        "I don't",
        "Да.",
        "はい",
        "Öffnen",
        "k8s",
        "That's",
        "All of it",
    ],
)
def test_words_with_content(text: str) -> None:
    assert not is_backchannel(text)


@pytest.mark.parametrize("text", ["No.", "Mama", "It's hard"])
def test_a_short_hum_whatever_is_read_from_it(text: str) -> None:
    assert is_backchannel(text, lasted_ms=500)
    assert not is_backchannel(text, lasted_ms=900)


@pytest.mark.parametrize(
    "text", ["Stop.", "Wait", "Sorry?", "what", "10", "はい", "a real answer", "That's wrong."]
)
def test_short_words_that_are_trusted(text: str) -> None:
    assert not is_backchannel(text, lasted_ms=500)


@pytest.mark.parametrize(
    "text",
    [
        *("No.", "Nope", "Nah.", "No, no.", "No way.", "No thanks.", "Neither.", "Okay, no."),
        *("Slower.", "Slow down", "Louder, please.", "Again?", "Once again.", "Repeat that."),
        *("One moment.", "One second.", "Pause.", "A break?", "Time, please", "Please wait."),
        *("Not true.", "Never.", "I don't.", "I didn’t", "That isn't", "Can't hear.", "Untrue."),
        *("Which one?", "Where?", "When was that?", "I disagree.", "A mistake."),
    ],
)
@pytest.mark.parametrize("confidence", [0.6, 0.85, None])
def test_contradictions_questions_and_requests_take_the_floor_however_short(
    text: str, confidence: float | None
) -> None:
    assert not is_backchannel(text, 400, confidence)


@pytest.mark.parametrize("text", ["Okay.", "Mhm.", "Right.", "Yeah.", "Oh, I see.", "", "Uh-huh."])
@pytest.mark.parametrize("confidence", [0.0, 0.9, 1.0, None])
def test_listeners_words_are_such_however_well_they_were_heard(
    text: str, confidence: float | None
) -> None:
    assert is_backchannel(text, 400, confidence)


@pytest.mark.parametrize("text", ["No.", "Mama.", "If her.", "Hama?", "Okay, short."])
def test_what_is_read_from_a_hum_is_doubted(text: str) -> None:
    assert is_backchannel(text, 400, 0.54)


@pytest.mark.parametrize("text", ["Can I", "I have never", "We are a team", "but"])
def test_words_that_take_the_floor_before_the_sound_is_over(text: str) -> None:
    assert is_content(text)


@pytest.mark.parametrize("text", ["", "A heart rate.", "okay yeah right sure", "I'm okay."])
def test_words_that_may_still_turn_out_to_be_a_hum(text: str) -> None:
    assert not is_content(text)


SPOKEN = "Let me tell you a little about the company. We are a small team of engineers."


@pytest.mark.parametrize(
    "text", ["Let me tell you", "tell you a whittle about the", "a small team", "Let you a little"]
)
def test_an_echo(text: str) -> None:
    assert is_echo(text, SPOKEN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "company",
        "Yes, we are a small team.",
        "I tell you a little",
        "Can I tell you something about myself?",
        "You mean the team of who?",
    ],
)
def test_no_echo(text: str) -> None:
    assert not is_echo(text, SPOKEN)


def test_nothing_is_an_echo_of_silence() -> None:
    assert not is_echo("Let me tell you", "")
