"""A reading held against its text: what is the same in another form, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.providers.script_follower import Departure, ScriptFollower


def followed(script: str, spoken: str, step: int = 3) -> ScriptFollower:
    follower = ScriptFollower(script)
    for at in range(0, len(spoken), step):
        follower.hear(spoken[at : at + step])
    follower.end()
    return follower


SAME_WORDS = [
    ("Tell me about it.", "tell me about it"),
    ("Tell me: about it!", "Tell  me… about – it?"),
    ("Your e-mail, please.", "Your email please."),
    ("Your email, please.", "Your e mail please."),
    ("A co-founder's well-known plan", "a cofounder’s well known plan"),
    ("We use the API daily.", "We use the A.P.I. daily."),
    ("We use the API daily.", "We use the A P I daily."),
    ("It took 5 years.", "It took five years."),
    ("It took five years.", "It took 5 years."),
    ("It took twenty-five years.", "It took 25 years."),
    ("From 2019 to 2027", "from twenty nineteen to two thousand twenty-seven"),
    ("In 1905 and 2000", "in nineteen oh five and two thousand"),
    ("in 1900", "in nineteen hundred"),
    ("the 1990s and the 90s", "the nineteen-nineties and the nineties"),
    ("105 and 1,050 and 1500", "one hundred and five and one thousand fifty and fifteen hundred"),
    ("1,000,000 rows", "a million rows"),
    ("12345 rows", "twelve thousand three hundred forty-five rows"),
    ("room 404", "room four oh four"),
    ("007", "zero zero seven"),
    ("3.5 and 0.25", "three point five and zero point two five"),
    ("your 1st, 2nd, 3rd, 12th, 21st and 40th",
     "your first, second, third, twelfth, twenty-first and fortieth"),
    ("about 10% of it", "about ten percent of it"),
    ("about 10 % of it", "about 10 percent of it"),
    ("$5 or 5€ or £3.50", "five dollars or five euros or three point five zero pounds"),
    ("at 10:30 and 9:05 and 8:00", "at ten thirty and nine oh five and eight o'clock"),
    ("5-10 people", "five to ten people"),
    ("5k rows, 10x faster", "five thousand rows, ten times faster"),
    ("C# and C++ & Node.js", "c sharp and c plus plus and Node dot js"),
    ("and/or", "and or"),
    ("Dr. Gray, i.e. the CTO, etc.", "Doctor Gray, that is the CTO, et cetera"),
    ("Python vs. Go, e.g. for the CLI", "Python versus Go, for example for the CLI"),
    ("Version 2.1.3", "version two point one point three"),
    ("O.K.", "okay"),
    ("It is 7 o’clock.", "It is seven o'clock."),
    ("Straße, groß", "STRASSE, gross"),
    ("Ça va, l’été ?", "ça va l'été"),
    ("¿Qué hizo usted después?", "qué hizo usted después"),
    ("Nach 5 Jahren, 2027", "nach fünf Jahren, zweitausendsiebenundzwanzig"),
    ("Après 21 ans", "après vingt et un ans"),
    ("Después de 31 años", "después de treinta y un años"),
    ("你好，请介绍一下自己。", "你好 请介绍一下自己"),
    ("自己紹介をお願いします。", "自己紹介をお願いします"),
    ("अपने बारे में बताइए।", "अपने बारे में बताइए"),
    ("حدثني عن نفسك؟", "حدثني عن نفسك"),
    ("ﬁne ½", "fine ½"),
    ("Great 🎉 work", "Great work"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "spoken"), SAME_WORDS)
@pytest.mark.parametrize("step", [1, 4, 10_000])
def test_another_form_of_the_same_words_agrees(script: str, spoken: str, step: int) -> None:
    for one, other in ((script, spoken), (spoken, script)):
        follower = followed(one, other, step)
        assert follower.departure is None
        assert follower.complete
        assert follower.said is None


CONTRACTIONS = [
    ("I am here.", "I'm here."),
    ("You are and we have and they will", "You're and we've and they'll"),
    ("He is here, she has gone.", "He's here, she's gone."),
    ("I would, I had", "I'd, I'd"),
    ("I would have gone.", "I'd've gone."),
    ("You do not, cannot, will not, would not, shall not",
     "You don't, can't, won't, wouldn't, shan't"),
    ("They are not late.", "They aren't late."),
    ("They're not late.", "They aren't late."),
    ("It's not late.", "It isn't late."),
    ("Let us go on.", "Let's go on."),
    ("What is that?", "What’s that?"),
    ("Wie geht es?", "Wie geht's?"),
]  # fmt: skip


@pytest.mark.parametrize(("long", "short"), CONTRACTIONS)
def test_contractions_agree_both_ways_and_go_on_record(long: str, short: str) -> None:
    for script, spoken in ((long, short), (short, long)):
        follower = followed(script, spoken)
        assert follower.departure is None
        assert follower.said == spoken


DEPARTURES = [
    ("Tell me more.", "Sure! Tell me more.", Departure.OTHER),
    ("Tell me more.", "Tell us more.", Departure.OTHER),
    ("Tell me more.", "Tell me more. Please.", Departure.ADDED),
    ("Tell me more.", "Tell me more. Tell me more.", Departure.ADDED),
    ("Tell me more.", "Tell me", Departure.LEFT_OUT),
    ("Tell me more.", "Tell more.", Departure.OTHER),
    ("Tell me more.", "", Departure.NO_WORDS),
    ("Tell me more.", "...", Departure.LEFT_OUT),
    ("Tell me more.", "Erzählen Sie mir mehr.", Departure.OTHER),
    ("Tell me more.", "[laughs] Tell me more.", Departure.OTHER),
    ("I am late.", "I was late.", Departure.OTHER),
    ("He is gone.", "He has gone.", Departure.OTHER),
    ("He will go.", "He shall go.", Departure.OTHER),
    ("I would go.", "I had go.", Departure.OTHER),
    ("I do like it.", "I don't like it.", Departure.OTHER),
    ("I can see it.", "I can't see it.", Departure.OTHER),
    ("I don't like it.", "I dot like it.", Departure.OTHER),
    ("5 years", "6 years", Departure.OTHER),
    ("5 years", "fifteen years", Departure.OTHER),
    ("15 years", "five years", Departure.OTHER),
    ("105 rows", "10 5 rows", Departure.OTHER),
    ("1,500 rows", "1.5 rows", Departure.OTHER),
    ("10%", "10", Departure.LEFT_OUT),
    ("C++", "C", Departure.LEFT_OUT),
    ("你好，请介绍一下自己。", "你好，我很好。", Departure.OTHER),
    ("schon", "schön", Departure.OTHER),
    ("A car", "A carpet", Departure.OTHER),
    ("x", "y" * 10_000, Departure.OTHER),
]


@pytest.mark.parametrize(("script", "spoken", "how"), DEPARTURES)
@pytest.mark.parametrize("step", [1, 4, 100_000])
def test_other_words_are_a_departure(script: str, spoken: str, how: Departure, step: int) -> None:
    follower = followed(script, spoken, step)
    assert follower.departure is how
    assert not follower.complete


def test_a_departure_is_told_with_the_word_that_departs() -> None:
    follower = ScriptFollower("Tell me about the project that you liked.")
    follower.hear("Tell me about your ")
    assert follower.departure is Departure.OTHER


def test_what_was_said_so_far_is_told_with_the_rest_of_the_text() -> None:
    follower = ScriptFollower("It is late, and I am tired, is it not?")
    follower.hear("It's late, ")
    assert follower.said == "It's late, and I am tired, is it not?"
    follower.hear("and I'm tired, ")
    assert follower.said == "It's late, and I'm tired, is it not?"
    follower.hear("is it not?")
    follower.end()
    assert follower.said == "It's late, and I'm tired, is it not?"


def test_what_agrees_grows_with_each_word_and_not_beyond_a_departure() -> None:
    follower = ScriptFollower("One two three four five six.")
    before = 0.0
    for word in ("One", " two", " three", " four"):
        follower.hear(word)
        assert before < follower.agreed < follower.weight
        before = follower.agreed
    follower.hear(" nine ten")
    assert follower.agreed <= before


WORDS = st.lists(
    st.sampled_from(
        "I'm I am don't do not it's is 5 five 25 2027 e-mail cannot 10% C++ Dr. ja 你好 é".split()
    ),
    max_size=8,
)


@given(WORDS, st.integers(1, 9))
def test_a_text_read_as_it_stands_agrees_however_it_is_cut(words: list[str], step: int) -> None:
    script = " ".join(words)
    follower = followed(script, script, step)
    if words:
        assert follower.departure is None
        assert follower.complete
        assert follower.agreed == follower.weight
    assert follower.said is None


@given(st.text(max_size=60), st.integers(1, 9))
def test_any_text_agrees_with_itself(script: str, step: int) -> None:
    follower = followed(script, script, step)
    if any(char.isalnum() for char in script):
        assert follower.departure is None
        assert follower.complete


@given(WORDS.filter(bool), st.integers(0, 8), st.sampled_from(["zebra", "Sure,", "9", "nein"]))
def test_a_word_too_many_anywhere_is_a_departure(words: list[str], at: int, word: str) -> None:
    spoken = [*words[:at], word, *words[at:]]
    assert followed(" ".join(words), " ".join(spoken)).departure is not None


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_breaks_the_follower(script: str, spoken: str) -> None:
    follower = followed(script, spoken)
    assert 0 <= follower.agreed <= follower.weight
    assert follower.complete is (follower.departure is None)
