"""Heard words, from nothing but the share of samples played."""

from hypothesis import example, given
from hypothesis import strategies as st

from audio.alignment import heard_words, sample_of_word_start

TEXT = "Thank you, that is helpful. Could you tell me more about the team?"
RATE = 24_000
SPOKEN = 5 * RATE

texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(["Hello,", "I", "was", "there.", "—", "1999", "why?"])).map(" ".join),
)
lengths = st.integers(0, 30 * RATE)


def words(text: str) -> int:
    return len(text.split())


def test_nothing_played_is_nothing_heard() -> None:
    assert heard_words(TEXT, SPOKEN, 0) == ""
    assert heard_words(TEXT, SPOKEN, -5) == ""


def test_everything_played_is_the_whole_text() -> None:
    assert heard_words(TEXT + " ", SPOKEN, SPOKEN) == TEXT + " "


def test_sixty_milliseconds_short_is_still_the_whole_text() -> None:
    assert heard_words("One two  ", 1_000, 940, rate=1_000) == "One two  "
    assert heard_words("One two  ", 1_000, 939, rate=1_000) == "One two"


def test_punctuation_stays_with_its_word() -> None:
    heard = {heard_words(TEXT, SPOKEN, played) for played in range(0, SPOKEN, 240)}
    assert "Thank you," in heard
    assert "Thank you, that is helpful." in heard
    assert all(TEXT.startswith(part) and not part.endswith(" ") for part in heard)


def test_words_come_one_by_one() -> None:
    counts = [words(heard_words(TEXT, SPOKEN, played)) for played in range(0, SPOKEN + 1, 240)]
    assert sorted(set(counts)) == list(range(words(TEXT) + 1))


def test_half_a_word_is_heard_and_less_is_not() -> None:
    # Two equal words without punctuation: the first takes the first half of the time.
    assert heard_words("four five", 1_000, 249, rate=100) == ""
    assert heard_words("four five", 1_000, 250, rate=100) == "four"
    assert heard_words("four five", 1_000, 749, rate=100) == "four"
    assert heard_words("four five", 1_000, 750, rate=100) == "four five"


def test_long_words_and_pauses_take_longer() -> None:
    short_first = heard_words("a responsibility", 1_000, 300, rate=100)
    long_first = heard_words("responsibility a", 1_000, 300, rate=100)
    assert (short_first, long_first) == ("a", "")
    assert heard_words("Well go on", 1_000, 400, rate=100) == "Well"
    assert heard_words("Well. Go on", 1_000, 400, rate=100) == "Well."
    assert heard_words("Well go on", 1_000, 600, rate=100) == "Well go"
    assert heard_words("Well. Go on", 1_000, 600, rate=100) == "Well."


def test_a_number_takes_the_time_of_its_words() -> None:
    assert sample_of_word_start("in 1999 now", 1_000, 999) > sample_of_word_start(
        "in abcd now", 1_000, 999
    )


def test_a_held_reply_resumes_at_the_word_that_was_cut() -> None:
    assert sample_of_word_start("four five", 1_000, 499) == 0
    assert sample_of_word_start("four five", 1_000, 500) == 500
    assert sample_of_word_start("four five", 1_000, 999) == 500


def test_a_pause_resumes_at_the_word_in_front_of_it() -> None:
    starts = {sample_of_word_start("Yes. No", 1_000, at) for at in range(1_000)}
    assert len(starts) == 2
    assert sample_of_word_start("Yes. No", 1_000, max(starts) - 1) == 0


def test_all_played_leaves_nothing_to_resume() -> None:
    assert sample_of_word_start(TEXT, SPOKEN, SPOKEN) == SPOKEN
    assert sample_of_word_start(TEXT, SPOKEN, SPOKEN + 1) == SPOKEN


@given(texts, lengths, lengths, lengths)
@example("—", 1_000_000, 1, 2)
@example(" ", 1_000_000, 1, 2)
def test_more_played_never_means_fewer_words(text: str, spoken: int, one: int, two: int) -> None:
    less = heard_words(text, spoken, min(one, two))
    more = heard_words(text, spoken, max(one, two))
    assert text.startswith(more)
    assert more.startswith(less)
    assert heard_words(text, spoken, 0) == ""
    assert heard_words(text, spoken, max(spoken, 1)) == text


@given(texts, lengths, lengths, lengths)
@example("—", 1_000_000, 1, 2)
def test_resuming_never_skips_and_never_goes_back_further_for_more(
    text: str, spoken: int, one: int, two: int
) -> None:
    early = sample_of_word_start(text, spoken, min(one, two))
    late = sample_of_word_start(text, spoken, max(one, two))
    assert 0 <= early <= min(one, two)
    assert early <= late <= max(one, two)


@given(texts, st.integers(1, 30 * RATE), lengths)
def test_resuming_twice_is_resuming_once(text: str, spoken: int, at: int) -> None:
    once = sample_of_word_start(text, spoken, at)
    assert sample_of_word_start(text, spoken, once) == once
