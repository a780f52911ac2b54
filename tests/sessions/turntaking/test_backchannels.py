"""What counts as "go on", and what as "my turn"."""

import pytest

from sessions.turntaking.backchannels import is_backchannel


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
    ],
)
def test_words_with_content(text: str) -> None:
    assert not is_backchannel(text)
