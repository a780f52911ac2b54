"""Captions: whatever was shown is settled or withdrawn, and nothing stale is shown to who comes."""

from collections.abc import Awaitable, Callable

import pytest

from sessions.leg import CaptionNote
from sessions.leg_notifier import LegNotifier
from sessions.listening.local_agreement import CaptionText
from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Speaker
from tests.fakes.fake_interviewer import closing
from tests.fakes.fake_leg import FakeLeg
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, Candidate, Hall
from tests.sessions.monitor.watching import Watch
from tests.sessions.test_session_interruptions import (
    INTERRUPTION,
    LONG,
    interrupted_while_it_speaks,
)
from tests.support.virtual_time import pass_ms, run_virtual

Course = Callable[[Hall, Said], Awaitable[Candidate]]


async def murmurs(hall: Hall, said: Said) -> Candidate:
    """An "okay" over the greeting, which goes on."""
    candidate = await interrupted_while_it_speaks(hall, said, 4_000, "Okay.")
    await candidate.listen()
    return candidate


async def interrupts(hall: Hall, said: Said) -> Candidate:
    candidate = await interrupted_while_it_speaks(hall, said, 4_000)
    await pass_ms(4_000)
    return candidate


async def breaks_in_at_once(hall: Hall, said: Said) -> Candidate:
    """Before a word of the greeting could be understood."""
    candidate = await interrupted_while_it_speaks(hall, said, 50)
    await pass_ms(4_000)
    return candidate


async def goes_on(hall: Hall, said: Said) -> Candidate:
    """Just as the reply begins, which is taken back."""
    candidate = await hall.come_in()
    await candidate.listen()
    await pass_ms(600)
    await candidate.say(said(ANSWERS[0]), ANSWERS[0])
    await candidate.leg.until(lambda: len(candidate.leg.sounds) > 1)
    await pass_ms(200)
    hall.transcriber.says = f"{ANSWERS[0]} {INTERRUPTION}"
    candidate.microphone.start(said(INTERRUPTION))
    await pass_ms(6_000)
    return candidate


async def makes_a_noise(hall: Hall, said: Said) -> Candidate:
    """A voice in which there are no words."""
    candidate = await hall.come_in()
    await candidate.listen()
    await pass_ms(600)
    await candidate.say(said("Okay."), "")
    await pass_ms(4_000)
    return candidate


@pytest.mark.parametrize("course", [murmurs, interrupts, breaks_in_at_once, goes_on, makes_a_noise])
def test_whatever_was_shown_is_settled_or_withdrawn(said: Said, course: Course) -> None:
    async def story() -> None:
        hall = Hall(LONG, LONG, closing(GOODBYE))
        candidate = await course(hall, said)
        candidate.session.end(EndReason.RECRUITER)
        await candidate.over()
        notes = candidate.leg.told(CaptionNote)
        latest = {(note.speaker, note.caption_id): note for note in notes}
        assert [note for note in latest.values() if not note.final] == []
        texts = [note.text for note in latest.values() if note.text]
        assert sorted(texts) == sorted(turn.heard_text for turn in hall.log.all_turns())
        await hall.empty()

    run_virtual(story())


def test_who_comes_later_is_not_shown_words_that_were_settled_unwatched(said: Said) -> None:
    async def story() -> None:
        hall = Hall(GREETING, LONG, closing(GOODBYE))
        candidate = await hall.come_in()
        first = Watch(candidate.session)
        await candidate.until_it_says("Hello")
        first.seat.leave()
        await candidate.listen()
        await pass_ms(600)
        later = Watch(candidate.session)
        assert later.seat.opening is not None
        assert later.seat.opening.captions == ()
        later.seat.leave()
        candidate.session.end(EndReason.RECRUITER)
        await candidate.over()

    run_virtual(story())


class Shown:
    """A notifier with what it has told."""

    def __init__(self) -> None:
        self.leg = FakeLeg()
        self.notifier = LegNotifier(lambda: self.leg, lambda: 0.0)

    def captions(self) -> list[tuple[str, str, bool]]:
        return [(n.caption_id, n.text, n.final) for n in self.leg.told(CaptionNote)]


def test_a_dropped_utterance_is_withdrawn_once_and_nothing_comes_of_it_any_more() -> None:
    async def story() -> None:
        shown = Shown()
        shown.notifier.caption_candidate(1, CaptionText("Mhm", 0))
        shown.notifier.drop_candidate(1)
        shown.notifier.drop_candidate(1)
        shown.notifier.caption_candidate(1, CaptionText("Mhm, yes", 0))
        shown.notifier.caption_candidate(2, CaptionText("I", 0))
        expected = [("said-1", "Mhm", False), ("said-1", "", True), ("said-2", "I", False)]
        assert shown.captions() == expected

    run_virtual(story())


def test_what_was_never_shown_or_is_settled_is_not_withdrawn() -> None:
    async def story() -> None:
        shown = Shown()
        shown.notifier.drop_candidate(1)
        shown.notifier.drop_interviewer(1)
        assert shown.captions() == []

    run_virtual(story())


def test_captions_of_both_parties_do_not_get_into_each_others_way() -> None:
    async def story() -> None:
        shown = Shown()
        shown.notifier.caption_candidate(3, CaptionText("Yes", 0))
        shown.notifier.drop_interviewer(3)
        (only,) = shown.leg.told(CaptionNote)
        assert only.speaker is Speaker.CANDIDATE

    run_virtual(story())
