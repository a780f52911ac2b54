"""Keys as words: repeat, skip, end, digits; and a whole session that is pressed."""

import pytest

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of
from sessions.keypad import END, NO, REPEAT, SKIP, YES, Keypad
from sessions.leg import DigitPressed
from sessions.turntaking.causes import EndReason
from tests.sessions.hall import GREETING, Hall
from tests.support.virtual_time import pass_ms, run_virtual


@pytest.mark.parametrize(
    ("keys", "shape", "said"),
    [
        ("*", "story", [REPEAT]),
        ("#", "story", [SKIP]),
        ("*0", "story", [END]),
        ("**", "story", [REPEAT]),
        ("*#", "story", [REPEAT, SKIP]),
        ("42#", "number", ["42"]),
        ("42", "number", ["42"]),
        ("020", "spelling", ["020"]),
        ("4*", "number", [REPEAT]),
        ("*4", "number", [REPEAT, "4"]),
        ("1", "yes_no", [YES]),
        ("2", "yes_no", [NO]),
        ("3", "yes_no", []),
        ("42", "story", []),
        ("42#", "", [SKIP]),
        ("1" * 100 + "#", "number", ["1" * 40]),
    ],
)
def test_what_keys_say(keys: str, shape: str, said: list[str]) -> None:
    async def story() -> None:
        heard: list[str] = []
        keypad = Keypad(heard.append, lambda: shape)
        for key in keys:
            keypad.press(key)
            await pass_ms(300)
        await pass_ms(3_000)
        assert heard == said

    run_virtual(story())


def test_half_of_it_is_forgotten_with_the_leg() -> None:
    async def story() -> None:
        heard: list[str] = []
        keypad = Keypad(heard.append, lambda: "number")
        for key in "12":
            keypad.press(key)
        keypad.reset()
        keypad.press("*")
        keypad.reset()
        await pass_ms(5_000)
        assert heard == []

    run_virtual(story())


def test_the_interviewer_without_a_model_understands_them() -> None:
    intents = [intent_of(words) for words in (REPEAT, SKIP, END, YES, NO)]
    assert intents == [Intent.REPEAT, Intent.SKIP, Intent.STOP, Intent.YES, Intent.NO]


def test_a_key_stops_the_interviewer_and_is_on_record_as_words() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.leg.until(lambda: bool(candidate.leg.sounds))
        await pass_ms(1_500)
        candidate.session.receive(candidate.leg, DigitPressed("*"))
        await candidate.listen(2)
        first, second = hall.log.all_turns()[:2]
        assert first.interrupted
        assert GREETING.startswith(first.heard_text)
        assert second.text == REPEAT
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        candidate.session.receive(candidate.leg, DigitPressed("*"))  # a last key changes nothing
        await hall.empty()

    run_virtual(story())
