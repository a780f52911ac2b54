"""How long a pause may last: by the words, the question and the speaker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.turntaking.endpointing.pause_rules import EndpointingRules, patience
from sessions.turntaking.endpointing.utterance_end import Ending, ending_of

RULES = EndpointingRules()


def wait(
    text: str,
    expects: str = "explanation",
    own: float = 0.0,
    factor: float = 1.0,
    gap: float | None = None,
) -> float:
    return patience(text, expects, own, factor, RULES, longest_gap_ms=gap).ms


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("", Ending.UNKNOWN),
        ("...", Ending.UNKNOWN),
        ("Let me think.", Ending.THINKING),
        ("Well, that's a good question.", Ending.THINKING),
        ("Give me a second", Ending.THINKING),
        ("I built it with um", Ending.FILLER),
        ("And we were, you know.", Ending.FILLER),
        ("I worked there for two years and", Ending.OPEN),
        ("I left because.", Ending.OPEN),
        ("It was written in the", Ending.OPEN),
        ("I would like to know how large the team is", Ending.OPEN),
        ("I would like to know how large the team is.", Ending.COMPLETE),
        ("It is mostly about.", Ending.DANGLING),
        ("What I like is that.", Ending.DANGLING),
        ("I like that.", Ending.COMPLETE),
        ("What I liked most was.", Ending.DANGLING),
        ("Yes, I would.", Ending.COMPLETE),
        ("I tested it, and then.", Ending.DANGLING),
        ("Yes, now and then.", Ending.COMPLETE),
        ("So we asked somebody who.", Ending.OPEN),
        ("At home, mostly.", Ending.COMPLETE),
        ("Thank you.", Ending.COMPLETE),
        ("I worked on the billing service", Ending.UNPUNCTUATED),
        ("I worked on the billing service,", Ending.UNPUNCTUATED),
        ("I worked on the billing service...", Ending.UNPUNCTUATED),
        ("I worked on the billing service.", Ending.COMPLETE),
        ("Did you mean the service?", Ending.COMPLETE),
        ('He said "stop."', Ending.COMPLETE),
        # what Whisper makes of half a sentence
        ("It rings when you are.", Ending.DANGLING),
        ("For two weeks you.", Ending.DANGLING),
        ("That was all I could do for you.", Ending.COMPLETE),
        ("I could not leave them, so I sent.", Ending.DANGLING),
        ("That was all I needed.", Ending.COMPLETE),
        ("They know the streets, but nobody.", Ending.DANGLING),
        ("If it is the network.", Ending.DANGLING),
        ("If it is the network, I send less.", Ending.COMPLETE),
        ("We waited for the tug end.", Ending.OPEN),
        ("One person is responsible in the end.", Ending.COMPLETE),
        ("It was late and up.", Ending.OPEN),
        ("Mainly.", Ending.DANGLING),
        ("It depends.", Ending.DANGLING),
        ("I make sure that they have.", Ending.DANGLING),
        ("And that you've now got.", Ending.DANGLING),
        ("I put the wrong.", Ending.DANGLING),
        ("After that it's only.", Ending.DANGLING),
        ("On the ward we have these.", Ending.DANGLING),
        ("Huh?", Ending.FILLER),
        ("No, I don't have any.", Ending.COMPLETE),
        ("Then I asked for any.", Ending.DANGLING),
        ("It began as a list. Now the city.", Ending.FRAGMENT),
        ("It began as a list. Now the city prints maps.", Ending.COMPLETE),
        ("I wrote it after. A very expensive mistake.", Ending.COMPLETE),
    ],
)
def test_how_the_words_end(text: str, ending: Ending) -> None:
    assert ending_of(text) is ending


def test_digits_one_by_one_are_counting_only_where_a_number_was_asked_for() -> None:
    assert ending_of("Zero one seven.", "number") is Ending.COUNTING
    assert ending_of("B. A. R.", "spelling") is Ending.COUNTING
    assert ending_of("I have a team of seven.", "story") is Ending.COMPLETE
    assert ending_of("K. O. I.", "spelling") is Ending.COUNTING
    assert ending_of("About ten.", "number") is Ending.COMPLETE
    assert ending_of("About 52,000.", "number") is Ending.COMPLETE
    assert ending_of("About ten", "number") is Ending.COUNTING


def test_a_yes_needs_no_full_stop_either() -> None:
    assert ending_of("Yeah", "yes_no") is Ending.COMPLETE
    assert ending_of("Yes I would", "yes_no") is Ending.OPEN
    assert ending_of("Yeah", "story") is Ending.UNPUNCTUATED


def test_an_object_that_stands_for_nothing_is_an_article() -> None:
    assert ending_of("I work for it.", "short") is Ending.DANGLING
    assert ending_of("I work for it.", "story") is Ending.POINTING
    assert ending_of("I love it.", "yes_no") is Ending.POINTING
    assert ending_of("So I asked him to give me.") is Ending.POINTING
    assert ending_of("Thank you.") is Ending.COMPLETE


def test_a_short_answer_needs_no_verb() -> None:
    assert ending_of("It depends on the day. Forty on a Monday.", "number") is Ending.COMPLETE


def test_a_name_needs_no_full_stop() -> None:
    assert ending_of("Python", "short") is Ending.COMPLETE
    assert ending_of("Python", "story") is Ending.UNPUNCTUATED
    assert ending_of("I work for", "short") is Ending.OPEN


def test_a_yes_that_was_asked_for_is_answered_almost_at_once() -> None:
    assert wait("Yes.", "yes_no") == RULES.yes_no_ms
    assert wait("No, never.", "yes_no") == RULES.yes_no_ms
    assert wait("I am, yes.", "yes_no") == RULES.yes_no_ms
    assert wait("No, not really.", "yes_no") == RULES.yes_no_ms
    assert wait("No, no, I haven't.", "yes_no") == RULES.yes_no_ms
    assert wait("Yes, yes, yes, I have.", "yes_no") <= RULES.yes_no_sentence_ms
    assert wait("Not quite.", "yes_no") == RULES.yes_no_ms
    assert wait("It was not really", "yes_no") == RULES.open_ms
    assert wait("No, that was another team.", "yes_no") == RULES.yes_no_sentence_ms
    assert wait("Yes.", "story") == RULES.thin_ms
    assert wait("Yes, but", "yes_no") == RULES.open_ms


def test_a_short_question_is_answered_by_a_sentence_and_perhaps_by_a_word() -> None:
    assert wait("I would need about six weeks.", "number") == RULES.answered_ms
    assert wait("No, that was all.", "questions") == RULES.answered_ms
    assert wait("Python.", "short") == RULES.short_ms


def test_a_story_that_has_hardly_begun_is_given_more_time_than_a_long_one() -> None:
    begun = "It was in March."
    told = "It was in March, and the service lost its memory every night until we found the cause."
    assert wait("Yes, of course.", "story") == RULES.thin_ms
    assert wait(begun, "story") == RULES.brief_ms
    assert wait(begun, "story", own=1_500) == 1_500 * RULES.own_pause_factor
    assert wait(told, "story") == RULES.story_ms
    assert wait(told, "explanation") == RULES.explanation_ms


def test_who_has_not_stopped_to_think_is_answered_soon() -> None:
    told = (
        "It was in March. The service lost its memory every night. We looked for the cause "
        "for a week until we found it in a cache."
    )
    assert wait(told, "story", gap=400) == RULES.fluent_ms
    assert wait(told, "story", gap=900) == RULES.story_ms
    assert wait(told, "story") == RULES.story_ms  # one breath: nothing is known of its pauses
    assert wait("It was in March. And in May.", "story", gap=400) == RULES.brief_ms
    two = told.replace("night. We", "night, and we")
    assert wait(two, "story", gap=400) == RULES.story_ms  # a single place to stop and think


def test_who_pauses_long_after_whole_sentences_is_waited_for_up_to_a_limit() -> None:
    told = "It was in March, and the service lost its memory every night until we found the cause."
    assert wait(told, own=1_500) == 1_500 * RULES.own_pause_factor
    assert wait(told, own=9_000) == RULES.own_pause_max_ms
    assert wait(told, own=300) == RULES.explanation_ms


def test_accommodation_multiplies_every_wait_up_to_the_longest() -> None:
    assert wait("Yes.", "yes_no", factor=2) == 2 * RULES.yes_no_ms
    assert wait("and", factor=2) == 2 * RULES.open_ms
    assert wait("Let me think.", factor=4) == RULES.longest_ms


@given(
    st.text(max_size=80),
    st.sampled_from(["", "yes_no", "short", "number", "spelling", "story", "explanation"]),
    st.floats(0, 1e5),
    st.floats(0.5, 5),
)
def test_any_words_give_a_wait_that_ends(text: str, expects: str, own: float, much: float) -> None:
    found = patience(text, expects, own, much, RULES)
    assert 0 < found.ms <= RULES.longest_ms
    assert found.rule
