"""The sockets of a voice: opened ahead, used again, bounded, closed when idle, replaced."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from audio.providers import realtime_pool, realtime_socket
from audio.providers.realtime_voice import RealtimeSynthesizer
from audio.speech import SpeechRejected
from tests.audio.providers.realtime_voice.adapter import TEXT, Metered, said, sound_of, until, voice
from tests.support.openai_double import OpenAIDouble


def open_sockets(double: OpenAIDouble) -> int:
    return sum(not conversation.closed for conversation in double.voice.conversations)


async def test_a_socket_is_open_before_the_first_sentence_and_another_behind_it(
    double: OpenAIDouble,
) -> None:
    adapter = voice(double)
    await adapter.warm_up()
    assert len(double.voice.conversations) == 1
    async with aclosing(adapter.speak(TEXT)) as pieces:
        await anext(pieces)
        assert double.voice.conversations[0].of_type("response.create")
        await until(lambda: len(double.voice.conversations) == 2)
    await adapter.close()
    await until(lambda: not open_sockets(double))


async def test_sentences_in_turn_share_a_socket(double: OpenAIDouble) -> None:
    adapter = voice(double)
    for _ in range(5):
        assert await said(adapter) == sound_of()
    await adapter.close()
    assert len(double.voice.conversations) <= 2


async def test_sentences_at_once_have_a_socket_each(double: OpenAIDouble) -> None:
    adapter = voice(double)
    texts = [f"{TEXT} This is number {number}." for number in range(5)]
    sounds = await asyncio.gather(*(said(adapter, text) for text in texts))
    assert sounds == [sound_of(text) for text in texts]
    for conversation in double.voice.conversations:
        assert len(conversation.of_type("response.create")) <= 1
    await adapter.close()


async def test_there_are_no_more_sockets_than_there_may_be(double: OpenAIDouble) -> None:
    adapter = voice(double, most_sockets=2)
    sounds = await asyncio.gather(*(said(adapter) for _ in range(7)))
    assert sounds == [sound_of()] * 7
    assert len(double.voice.conversations) == 2
    await adapter.close()


async def test_a_sentence_that_nobody_wants_is_cancelled_and_its_socket_used_again(
    double: OpenAIDouble,
) -> None:
    double.voice.gate = asyncio.Event()
    adapter = voice(double, most_sockets=1)
    with Metered() as used:
        async with aclosing(adapter.speak(TEXT)) as pieces:
            await anext(pieces)
        double.voice.gate.set()
        assert await said(adapter) == sound_of()
    (conversation,) = double.voice.conversations
    (cancel,) = conversation.of_type("response.cancel")
    assert cancel["response_id"] == "resp_1"
    assert len(used) == len(double.voice.billed) == 2
    await adapter.close()


async def test_a_sentence_given_up_before_it_began_is_cancelled_when_it_begins(
    double: OpenAIDouble,
) -> None:
    adapter = voice(double, most_sockets=1)
    await adapter.warm_up()
    saying = asyncio.create_task(said(adapter))
    await until(lambda: bool(double.voice.asked))
    saying.cancel()
    await asyncio.wait([saying])
    assert await said(adapter) == sound_of()
    assert len(double.voice.conversations) == 1
    await adapter.close()


@pytest.mark.parametrize("mode", ["hang", "unconfirmed"])
async def test_a_socket_that_does_not_end_a_cancelled_sentence_is_replaced(
    double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(realtime_socket, "DRAIN_S", 0.05)
    adapter = voice(double, most_sockets=1)
    if mode == "hang":
        double.voice.fail("hang", times=1)
    else:
        double.voice.gate = asyncio.Event()
        double.voice.confirms_cancel = False
    saying = asyncio.create_task(said(adapter))
    await until(lambda: bool(double.voice.asked))
    saying.cancel()
    await asyncio.wait([saying])
    if double.voice.gate is not None:
        double.voice.gate.set()
    assert await said(adapter) == sound_of()
    assert len(double.voice.conversations) == 2
    await adapter.close()


@pytest.mark.parametrize("mode", ["expired", "away"])
async def test_a_kept_socket_that_is_dead_is_not_noticed(double: OpenAIDouble, mode: str) -> None:
    adapter = voice(double, max_retries=0)
    assert await said(adapter) == sound_of()
    await until(lambda: len(double.voice.conversations) == 2)
    double.voice.fail(mode, times=1)
    assert await said(adapter) == sound_of()
    await adapter.close()


class SkippingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock can be put forward."""

    skipped_s = 0.0

    def time(self) -> float:
        """Real seconds, and those that were skipped."""
        return super().time() + self.skipped_s


def in_skipping_time(
    story: Callable[[SkippingLoop, OpenAIDouble, RealtimeSynthesizer], Awaitable[None]],
) -> None:
    async def told(loop: SkippingLoop) -> None:
        async with OpenAIDouble() as double:
            adapter = voice(double)
            await story(loop, double, adapter)
            await adapter.close()

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SkippingLoop)
        runner.run(told(loop))


def test_idle_sockets_are_closed_and_one_is_kept() -> None:
    async def story(loop: SkippingLoop, double: OpenAIDouble, adapter: RealtimeSynthesizer) -> None:
        await asyncio.gather(*(said(adapter) for _ in range(4)))
        await until(lambda: open_sockets(double) >= 4)
        loop.skipped_s += realtime_pool.IDLE_S + 1
        await until(lambda: open_sockets(double) == 1)
        assert await said(adapter) == sound_of()

    in_skipping_time(story)


def test_a_socket_is_replaced_before_its_hour_is_over() -> None:
    async def story(loop: SkippingLoop, double: OpenAIDouble, adapter: RealtimeSynthesizer) -> None:
        await adapter.warm_up()
        loop.skipped_s += realtime_pool.ROTATE_S + 1
        await until(lambda: len(double.voice.conversations) == 2 and open_sockets(double) == 1)
        assert await said(adapter) == sound_of()
        assert not double.voice.conversations[0].of_type("response.create")

    in_skipping_time(story)


async def test_a_provider_that_is_away_is_no_reason_not_to_start(double: OpenAIDouble) -> None:
    for mode in ("500", "429", "closed"):
        double.voice.fail(mode, times=1)
        adapter = voice(double)
        await adapter.warm_up()
        assert await said(adapter) == sound_of()
        await adapter.close()
    double.voice.fail("mute", times=1)
    adapter = voice(double, first_byte_timeout_s=0.2)
    await adapter.warm_up()
    await adapter.close()


@pytest.mark.parametrize("mode", ["401", "404", "refused"])
async def test_what_will_never_work_is_told_at_the_start(double: OpenAIDouble, mode: str) -> None:
    double.voice.fail(mode)
    adapter = voice(double)
    with pytest.raises(SpeechRejected):
        await adapter.warm_up()
    await adapter.close()
