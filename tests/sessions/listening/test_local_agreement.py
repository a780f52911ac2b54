"""Which words of growing hypotheses stay: two in a row must agree, and what stays does stay."""

import pytest

from sessions.listening.local_agreement import Agreement, CaptionText

STORIES = {
    "the first hypothesis promises nothing": [
        ("we moved the whole", "", "we moved the whole"),
    ],
    "words that two in a row share stay": [
        ("we moved the whole", "", "we moved the whole"),
        ("we moved the whole service to", "we moved the whole", "we moved the whole service to"),
    ],
    "a word that was cut is not shared": [
        ("I like data", "", "I like data"),
        ("I like databases more", "I like", "I like databases more"),
        ("I like databases more than", "I like databases more", "I like databases more than"),
    ],
    "capitals and signs do not matter, and what stays keeps its form": [
        ("Yes.", "", "Yes."),
        ("yes, we do.", "yes,", "yes, we do."),
        ("Yes, we did it.", "yes, we", "yes, we did it."),
    ],
    "agreement needs neighbours: the one before the last does not count": [
        ("he said no", "", "he said no"),
        ("she said so", "", "she said so"),
        ("he said no", "", "he said no"),
        ("he said nothing", "he said", "he said nothing"),
    ],
    "what stays is not taken back by a later change of mind": [
        ("ten people", "", "ten people"),
        ("ten people work", "ten people", "ten people work"),
        ("then people worked here", "ten people", "ten people worked here"),
        ("then people worked here now", "ten people", "ten people worked here now"),
        ("ten people worked here now", "ten people", "ten people worked here now"),
        ("ten people worked here now", "ten people worked here now", "ten people worked here now"),
    ],
    "a hypothesis that hears less hides nothing that stays": [
        ("one two three", "", "one two three"),
        ("one two three four", "one two three", "one two three four"),
        ("one", "one two three", "one two three"),
        ("", "one two three", "one two three"),
    ],
    "a sign that stands alone is a word of its own": [
        ("a - b", "", "a - b"),
        ("a - b c", "a - b", "a - b c"),
    ],
    "nothing heard is nothing to show": [
        ("", "", ""),
        ("well", "", "well"),
    ],
}  # hypothesis, what stays after it, what is shown


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_words_on_which_two_hypotheses_agree_stay(story: list[tuple[str, str, str]]) -> None:
    agreement = Agreement()
    for hypothesis, stable, shown in story:
        caption = agreement.add(hypothesis)
        assert caption.text == shown
        assert " ".join(caption.text.split()[: caption.stable_words]) == stable
        assert agreement.caption() == caption


def test_a_caption_follows_what_was_said_before() -> None:
    assert CaptionText("and more", 1).after("This stays.") == CaptionText("This stays. and more", 3)
    assert CaptionText("", 0).after("This stays.") == CaptionText("This stays.", 2)
    assert CaptionText("first words").after("") == CaptionText("first words", 0)
