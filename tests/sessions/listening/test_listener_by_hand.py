"""An answer that is ended by hand: one voice, one end, whatever its pauses."""

from audio.pcm import ms_of
from audio.speech import SPEECH_RATE
from sessions.turntaking import events as ev
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import Room, joined, silence
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

ANSWERS = [
    "Fifteen people worked on the search engine.",
    "I think we should have tested it earlier.",
    "He said that nobody had looked at the memory until the process was killed.",
]


def test_an_answer_ends_where_it_is_said_to(said: Said) -> None:
    async def story() -> None:
        room = Room()
        room.open()
        await pass_ms(500)
        await room.microphone.say(said(ANSWERS[0])[:SPEECH_RATE])
        assert room.edges() == "+"  # in the middle of a word
        room.listener.end_answer()
        await room.next(ev.AnswerSubmitted)
        assert room.edges() == "+-"
        (stopped,) = room.of(ev.SpeechStopped)
        assert now_ms() - stopped.at_ms < 100
        room.close()

    run_virtual(story())


def test_all_at_once_it_is_one_answer_whatever_its_pauses(said: Said) -> None:
    whole = joined(said(ANSWERS[0]), silence(1_500), said(ANSWERS[1]))

    async def story() -> None:
        room = Room()
        room.listener.attach()
        await pass_ms(20_000)
        room.listener.feed(whole)
        room.listener.end_answer()
        await room.next(ev.AnswerSubmitted)
        assert room.edges() == "+-"
        await room.words(1, 1)
        assert room.heard_ms[0] > ms_of(len(whole), SPEECH_RATE) - 300
        room.listener.detach()

    run_virtual(story())


def test_the_next_answer_begins_with_an_onset(said: Said) -> None:
    async def story() -> None:
        room = Room()
        room.listener.attach()
        for text in ANSWERS[:2]:  # without a frame in between
            await pass_ms(10_000)
            room.listener.feed(said(text)[:SPEECH_RATE])
            room.listener.end_answer()
            await pass_ms(500)
            await room.words(1, 1)
            room.listener.drop()
        assert room.edges() == "+-+-"
        assert len(room.of(ev.AnswerSubmitted)) == 2
        room.listener.detach()

    run_virtual(story())


def test_an_onset_is_never_before_the_session(said: Said) -> None:
    async def story() -> None:
        room = Room()
        room.listener.attach()
        room.listener.feed(joined(said(ANSWERS[0]), said(ANSWERS[2])))
        room.listener.end_answer()
        await room.next(ev.AnswerSubmitted)
        (started,), (stopped,) = room.of(ev.SpeechStarted), room.of(ev.SpeechStopped)
        assert 0 <= started.at_ms <= stopped.at_ms <= now_ms()
        room.listener.detach()

    run_virtual(story())


def test_where_nothing_was_said_only_the_end_is_told() -> None:
    async def story() -> None:
        room = Room()
        room.listener.attach()
        room.listener.end_answer()
        await room.next(ev.AnswerSubmitted)
        assert room.edges() == ""
        room.listener.detach()
        room.listener.end_answer()  # nobody is there
        await pass_ms(500)
        assert len(room.of(ev.AnswerSubmitted)) == 1

    run_virtual(story())
