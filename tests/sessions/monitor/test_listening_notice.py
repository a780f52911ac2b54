"""Word of listening: told once on each telephone, as far as it was heard, and never on a page."""

import pytest

from sessions.monitor.listening_notice import (
    HAS_LISTENED,
    LISTENS,
    LISTENS_NO_MORE,
    ListeningNotice,
)
from sessions.turntaking.causes import Cause
from tests.fakes.fake_leg import FakeLeg


@pytest.fixture
def notice() -> ListeningNotice:
    leg = FakeLeg(telephone=True)
    return ListeningNotice(lambda: leg)


def test_it_is_said_until_it_was_heard_and_then_no_more(notice: ListeningNotice) -> None:
    assert notice.preface(1, Cause.OPENING) == ""
    notice.changed(True)
    assert notice.preface(2, Cause.ANSWER) == LISTENS
    notice.heard(2, "Just so that")
    assert notice.preface(3, Cause.ANSWER) == LISTENS
    notice.heard(3, LISTENS + "And which tree?")
    assert notice.preface(4, Cause.ANSWER) == ""


def test_who_listened_between_two_replies_is_told_of(notice: ListeningNotice) -> None:
    notice.changed(True)
    notice.changed(False)
    assert notice.preface(1, Cause.ANSWER) == HAS_LISTENED
    notice.heard(1, HAS_LISTENED + "And which tree?")
    assert notice.preface(2, Cause.ANSWER) == ""


def test_it_is_told_when_nobody_does_any_more(notice: ListeningNotice) -> None:
    notice.changed(True)
    assert notice.preface(1, Cause.ANSWER) == LISTENS
    notice.changed(False)  # while it is being said
    notice.heard(1, LISTENS.strip())
    assert notice.preface(2, Cause.ANSWER) == LISTENS_NO_MORE
    notice.heard(2, LISTENS_NO_MORE.strip())
    assert notice.preface(3, Cause.ANSWER) == ""


@pytest.mark.parametrize("cause", [Cause.PAUSE, Cause.TAKE_OVER, Cause.END])
def test_an_announcement_keeps_its_words_and_the_next_reply_says_it(
    notice: ListeningNotice, cause: Cause
) -> None:
    notice.changed(True)
    assert notice.preface(1, cause) == ""
    assert notice.preface(2, Cause.ANSWER) == LISTENS


def test_another_call_is_told_again(notice: ListeningNotice) -> None:
    notice.changed(True)
    notice.preface(1, Cause.ANSWER)
    notice.heard(1, LISTENS.strip())
    notice.leg_attached()
    assert notice.preface(2, Cause.RESUME) == LISTENS


@pytest.mark.parametrize("leg", [None, FakeLeg()])
def test_a_page_shows_it_and_nothing_is_said(leg: FakeLeg | None) -> None:
    notice = ListeningNotice(lambda: leg)
    notice.changed(True)
    assert notice.preface(1, Cause.ANSWER) == ""
