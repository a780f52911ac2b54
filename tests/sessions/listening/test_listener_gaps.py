"""Where sound stops arriving: a bridge that sends nothing while the caller is quiet, a
connection that stalls."""

import pytest

from sessions.listening.gap_filler import GAP_MS, STALL_MS
from sessions.turntaking import events as ev
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import Room, joined, silence, voice_span_ms
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

ANSWER = "Fifteen people worked on the search engine."


@pytest.mark.parametrize(("telephone", "gap_ms"), [(True, GAP_MS), (False, STALL_MS)])
def test_speech_ends_when_no_more_sound_comes(said: Said, telephone: bool, gap_ms: float) -> None:
    sound = said(ANSWER)
    _first, last = voice_span_ms(sound)
    spoken = sound[: int(last * 16)]

    async def story() -> None:
        room = Room()
        room.open()
        room.listener.attach(telephone=telephone)
        await pass_ms(500)
        began = now_ms()
        await room.microphone.say(spoken)
        room.microphone.close()
        ended = now_ms()
        stopped = await room.next(ev.SpeechStopped)
        assert gap_ms - 50 < now_ms() - ended < gap_ms + 250
        assert stopped.at_ms - began == pytest.approx(last, abs=150)
        await room.words(1, 1)
        assert room.heard_ms[0] > last
        buffered = room.buffered_ms
        await pass_ms(60_000)
        assert room.buffered_ms <= buffered, "no silence is made for a leg that is quiet"
        room.listener.detach()

    run_virtual(story(), limit_s=200)


def test_jitter_makes_no_silence_and_a_voice_that_comes_back_goes_on(said: Said) -> None:
    sound = said(ANSWER)

    async def story() -> None:
        room = Room()
        room.listener.attach(telephone=True)
        for begin in range(0, len(sound), 3_200):  # 200 ms at once, every 200 ms
            room.listener.feed(sound[begin : begin + 3_200])
            await pass_ms(200)
        await room.next(ev.SpeechStopped)
        starts = room.edges().count("+")
        await pass_ms(5_000)
        for begin in range(0, len(sound), 320):
            room.listener.feed(sound[begin : begin + 320])
            await pass_ms(20)
        await pass_ms(1_000)
        assert room.edges().count("+") > starts
        assert room.edges().endswith("-")
        room.listener.detach()

    run_virtual(story(), limit_s=200)


def test_a_stall_in_the_middle_of_an_answer_is_no_pause(said: Said) -> None:
    """A browser whose network is away for a second loses nothing: what was said comes at once."""
    sound = joined(said(ANSWER), silence(500))

    async def story() -> None:
        room = Room()
        room.listener.attach()
        half = len(sound) // 2
        for begin in range(0, half, 320):
            room.listener.feed(sound[begin : begin + 320])
            await pass_ms(20)
        edges = room.edges()
        await pass_ms(1_500)
        assert room.edges() == edges
        room.listener.feed(sound[half:])
        await pass_ms(100)
        assert room.edges().endswith("-")
        room.listener.detach()

    run_virtual(story(), limit_s=200)
