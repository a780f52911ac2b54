"""Doubled words: which repetitions are noticed, and which of them were said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.doubled_words import (
    HeardWord,
    Run,
    find_runs,
    repeats_words,
    unsaid_by_rate,
    unsaid_by_times,
)

WORDS = st.lists(st.sampled_from("abc"), max_size=14)
CLAUSE = "One person is responsible in the end."


def heard(text: str, *, empty: str = "") -> list[HeardWord]:
    """A word every 300 ms; the last words, as many as in `empty`, take no time."""
    words = text.split()
    spoken = len(words) - len(empty.split())
    return [
        HeardWord(word, 300.0 * min(at, spoken), 300.0 * min(at + 1, spoken))
        for at, word in enumerate(words)
    ]


def left(text: str, unsaid: set[int]) -> str:
    return " ".join(word for at, word in enumerate(text.split()) if at not in unsaid)


def all_sound(begin_ms: float, end_ms: float) -> float:
    return end_ms - begin_ms


def no_sound(begin_ms: float, end_ms: float) -> float:
    return 0.0


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("a b c a b c", [Run(0, 3, 6)]),
        ("So a b c, a b c. And on.", [Run(1, 3, 7)]),
        ("x One two. One two. One two.", [Run(1, 2, 7)]),
        ("no no no no", [Run(0, 1, 4)]),
        ("write one write one write one write", [Run(0, 2, 7)]),
        ("x a b c d a b c", [Run(1, 4, 8)]),  # broken off by the end of the clip
        ("a b c a b c and d e f g d e f g", [Run(0, 3, 6), Run(7, 4, 15)]),
        ("very, very good", []),
        ("I think, I think so", []),
        ("no no no", []),
        ("a b c d a b", []),
        ("a b c x y z w a b c", [Run(0, 7, 10)]),  # before half of the group
        ("x a b c d a b c d e f g h i a b c d", [Run(1, 4, 9), Run(5, 9, 18)]),
        ("a b c x a b c a b c a b c", [Run(4, 3, 13)]),
        ("a b c d e f " * 5 + "a", [Run(0, 6, 31)]),  # not the group of twelve
        ("x a b c a b c a", [Run(1, 3, 8)]),
        ("a b c x y z w a b", []),
        ("a b c x y z w a b c v", []),
        ("", []),
    ],
)
def test_groups_that_come_twice_in_a_row_are_found(text: str, runs: list[Run]) -> None:
    assert find_runs(text.split()) == runs


def test_a_clause_of_any_length_is_found() -> None:
    clause = [f"word{number}" for number in range(70)]
    assert find_runs([*clause, *clause]) == [Run(0, 70, 140)]


@given(WORDS)
def test_what_is_found_really_repeats(words: list[str]) -> None:
    for run in find_runs(words):
        assert run.end - run.begin > run.group
        for at in range(run.begin + run.group, run.end):
            assert words[at] == words[at - run.group]
        assert [at for copy in run.copies() for at in copy] == list(range(run.begin, run.end))


def test_words_that_end_the_prompt_and_begin_the_text_are_a_repetition() -> None:
    assert repeats_words("in the end we won", before="Kafka. It went well in the end")
    assert not repeats_words("in the beginning", before="It went well in the end")
    assert not repeats_words("and then", before="no no no no no no")


@pytest.mark.parametrize(
    "second",
    [f"But {CLAUSE}", f"But {CLAUSE} {CLAUSE}", "But nobody knows.", ""],
)
def test_a_repetition_that_took_no_time_was_not_said(second: str) -> None:
    text = f"But {CLAUSE} {CLAUSE}"
    again = heard(second, empty=CLAUSE) if second.endswith(f"{CLAUSE} {CLAUSE}") else heard(second)
    unsaid = unsaid_by_times(heard(text, empty=CLAUSE), again, all_sound)
    assert left(text, unsaid) == f"But {CLAUSE}"


def test_a_repetition_over_silence_was_not_said() -> None:
    text = f"But {CLAUSE} {CLAUSE}"
    spoken_ms = 300.0 * len(f"But {CLAUSE}".split())
    unsaid = unsaid_by_times(
        heard(text),
        heard(f"But {CLAUSE}"),
        lambda begin, end: max(0.0, min(end, spoken_ms) - begin),
    )
    assert left(text, unsaid) == f"But {CLAUSE}"


@pytest.mark.parametrize("text", [f"{CLAUSE} {CLAUSE}", "a b c a b c a b c", "no no no no no"])
def test_what_was_really_said_twice_stays(text: str) -> None:
    assert unsaid_by_times(heard(text), heard(text), all_sound) == set()
    assert unsaid_by_times(heard(text), heard("something else"), all_sound) == set()
    assert unsaid_by_times(heard(text, empty=text), heard(text), all_sound) == set()


def test_of_many_repetitions_as_many_stay_as_were_said() -> None:
    text = "a b c " * 6
    unsaid = unsaid_by_times(heard(text, empty="a b c " * 4), heard("a b c"), all_sound)
    assert left(text, unsaid) == "a b c a b c"


def test_at_least_one_of_the_repetitions_stays() -> None:
    text = f"{CLAUSE} {CLAUSE}"
    assert left(text, unsaid_by_times(heard(text), [], no_sound)) == CLAUSE
    assert left(text, unsaid_by_rate(text, "", 1_000)) == CLAUSE


def test_a_beginning_taken_from_the_prompt_goes_whole_unless_it_was_said() -> None:
    before = "It went well in the end"
    text = "in the end we won"
    words = [HeardWord(word, 0.0, 0.0) for word in "in the end".split()] + heard("we won")
    assert left(text, unsaid_by_times(words, heard("we won"), all_sound, before)) == "we won"
    assert unsaid_by_times(heard(text), heard(text), all_sound, before) == set()
    assert left(text, unsaid_by_rate(text, "We won.", 600, before)) == "we won"
    assert unsaid_by_rate(text, "In the end, we won.", 600, before) == set()


LIBRARY = "I work on the search service of a large library and I enjoy it very much."
BROKEN_OFF = "I work on the search service of"


@pytest.mark.parametrize("words", range(3, 16))
def test_a_repetition_that_breaks_off_at_any_word_is_settled_like_a_whole_one(words: int) -> None:
    again = " ".join(LIBRARY.split()[:words])
    text = f"{LIBRARY} {again}"
    assert repeats_words(text)
    unsaid = unsaid_by_times(heard(text, empty=again), heard(LIBRARY), all_sound)
    assert left(text, unsaid) == LIBRARY
    assert unsaid_by_times(heard(text), heard(LIBRARY), all_sound) == set()
    assert left(text, unsaid_by_rate(text, LIBRARY, 4_000)) == LIBRARY
    assert unsaid_by_rate(text, text, 4_000) == set()


def test_of_a_repetition_that_was_begun_the_words_that_nobody_said_are_cut() -> None:
    text = f"{LIBRARY} {BROKEN_OFF} a large library"
    unsaid = unsaid_by_times(heard(text, empty="a large library"), heard(LIBRARY), all_sound)
    assert left(text, unsaid) == f"{LIBRARY} {BROKEN_OFF}"
    assert unsaid_by_times(heard(text, empty="large library"), heard(text), all_sound) == set()


@pytest.mark.parametrize("begun", range(3, 6))
def test_words_begun_again_stay_though_the_model_wrote_on_beyond_them(begun: int) -> None:
    question = "What do you mean by hard to find?"
    words = question.split()
    invented = " ".join([*words[begun:], "What"])
    text = f"{question} {' '.join(words[:begun])} {invented}"
    first = heard(text, empty=invented)
    kept = left(text, unsaid_by_times(first, heard(question), all_sound))
    assert kept.split() == words + words[:begun]


def test_a_poor_time_of_the_last_word_said_does_not_cost_it() -> None:
    question = "Could you say that again?"
    text = " ".join([question] * 3)
    first = heard(text, empty="again? " + question)
    assert left(text, unsaid_by_times(first, heard(f"{question} {question}"), all_sound)) == (
        f"{question} {question}"
    )


def test_a_million_is_said_in_a_word() -> None:
    text = "We had 1,000,000 rows We had 1,000,000 rows"
    assert unsaid_by_times(heard(text), heard(text), lambda begin, end: 150.0) == set()


def test_each_digit_of_a_number_takes_time_to_say() -> None:
    text = "It's now 077-419-1225 It's now 077-419-1225"
    assert unsaid_by_times(heard(text), heard(text), lambda begin, end: 200.0) == {3, 4, 5}
    assert unsaid_by_times(heard(text), heard(text), lambda begin, end: 600.0) == set()


def test_without_times_a_broken_off_repetition_stays_where_both_hearings_end_with_it() -> None:
    text = f"{LIBRARY} {BROKEN_OFF}"
    misheard = text.replace("large", "larch")
    assert unsaid_by_rate(text, misheard, 4_000) == set()


def test_without_times_the_hearing_without_prompt_decides_within_what_can_be_said() -> None:
    text = f"But {CLAUSE} {CLAUSE}"
    assert left(text, unsaid_by_rate(text, f"But {CLAUSE}", 3_000)) == f"But {CLAUSE}"
    assert unsaid_by_rate(text, text, 3_000) == set()
    assert unsaid_by_rate(text, f"But {CLAUSE}", 6_000) == set(), "too few words for the sound"


@given(WORDS, WORDS, st.floats(0, 10_000))
def test_only_repetitions_are_ever_cut(
    first: list[str], second: list[str], speech_ms: float
) -> None:
    text = " ".join(first)
    cut = unsaid_by_rate(text, " ".join(second), speech_ms)
    cut |= unsaid_by_times(heard(text), heard(" ".join(second)), no_sound)
    runs = find_runs(first)
    assert all(any(run.begin + run.group <= at < run.end for run in runs) for at in cut)
