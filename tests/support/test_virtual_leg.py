"""The device of the bench: what sounds when, to the sample, and what the session is told of it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE, VOICE_RATE
from server.simulator.loudspeaker import AUDIBLE
from sessions.leg import FlushDone, Leg, LegEnd, LegEvent, MarkReached, PlayedTo
from tests.support.virtual_leg import FRAME, PHASE_S, VirtualLeg
from tests.support.virtual_time import now_ms, pass_ms, run_virtual


class QuietSession:
    """A session that only listens."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, NDArray[np.int16]]] = []
        self.told: list[tuple[str, float, int, int]] = []

    def hear(self, leg: Leg, samples: NDArray[np.int16]) -> None:
        self.frames.append((now_ms(), samples))

    def receive(self, leg: Leg, event: LegEvent) -> None:
        match event:
            case PlayedTo(generation, samples):
                self.told.append(("played", now_ms(), generation, samples))
            case MarkReached(generation):
                self.told.append(("marked", now_ms(), generation, 0))
            case FlushDone(generation, samples):
                self.told.append(("flushed", now_ms(), generation, samples))


def loud(ms: float, quiet_ms: float = 0.0) -> bytes:
    """Sound of some length, the beginning of which cannot be heard."""
    samples = np.full(round(ms * VOICE_RATE / 1000), 10 * AUDIBLE, np.int16)
    samples[: round(quiet_ms * VOICE_RATE / 1000)] = AUDIBLE
    return samples.tobytes()


def test_a_recording_is_sent_frame_by_frame_in_its_own_time() -> None:
    sound = np.arange(1, 3 * FRAME, dtype=np.int16)
    session = QuietSession()

    async def story() -> tuple[float, float]:
        leg = VirtualLeg(session)
        leg.switch_on()
        begun_ms = now_ms()
        await pass_ms(70)
        said_s = leg.say(sound, (begun_ms + 100) / 1000)
        await pass_ms(400)
        leg.switch_off()
        await pass_ms(400)
        return begun_ms, said_s * 1000

    begun, said = run_virtual(story())
    assert said - begun == pytest.approx(160)  # the next moment on the grid
    assert len(session.frames) == 23  # none after the end
    late = [at - begun for at, _ in session.frames]
    assert late == pytest.approx([20 * (n + 1) + 1000 * PHASE_S for n in range(23)], abs=0.01)
    heard = np.concatenate([samples for _, samples in session.frames])
    position = round((said - begun) * SPEECH_RATE / 1000)
    assert np.array_equal(heard[position : position + len(sound)], sound)
    room = np.concatenate([heard[:position], heard[position + len(sound) :]])
    assert 0 < np.abs(room).max() < AUDIBLE


def test_what_is_sent_plays_in_order_and_the_first_audible_sample_is_known() -> None:
    session = QuietSession()

    async def story() -> None:
        leg = VirtualLeg(session)
        begun = now_ms() / 1000
        leg.begin(3, 0)
        leg.play(loud(100, quiet_ms=40))
        leg.play(loud(50))
        leg.mark(3)
        assert await leg.first_sound(3) - begun == pytest.approx(0.04, abs=1e-4)
        assert await leg.last_sound(3) - begun == pytest.approx(0.15, abs=1e-4)
        assert now_ms() / 1000 - begun == pytest.approx(0.15, abs=1e-4)

    run_virtual(story())
    assert [(kind, generation) for kind, _, generation, _ in session.told] == [("marked", 3)]


def test_a_flush_silences_at_once_and_tells_how_far_playback_came() -> None:
    session = QuietSession()

    async def story() -> None:
        leg = VirtualLeg(session)
        leg.begin(1, 480)
        leg.play(loud(1_000))
        leg.mark(1)
        await pass_ms(250)
        leg.flush(1)
        await pass_ms(1)
        leg.begin(1, 6_000)
        leg.play(loud(20))
        leg.mark(1)
        await pass_ms(2_000)

    run_virtual(story())
    (_, at, _, samples), marked = session.told
    assert samples == pytest.approx(480 + 0.25 * VOICE_RATE, abs=1)
    assert marked[0] == "marked"
    assert marked[1] - at == pytest.approx(21, abs=0.1)  # the first run's mark is forgotten


def test_what_was_flushed_before_it_could_be_heard_never_was() -> None:
    async def story() -> dict[int, float]:
        leg = VirtualLeg(QuietSession())
        leg.begin(1, 0)
        leg.play(loud(500, quiet_ms=300))
        await pass_ms(200)
        leg.flush(1)
        return leg.first_heard

    assert run_virtual(story()) == {}


def test_progress_is_told_ten_times_a_second() -> None:
    session = QuietSession()

    async def story() -> None:
        leg = VirtualLeg(session)
        leg.switch_on()
        leg.begin(1, 0)
        leg.play(loud(1_000))
        await pass_ms(320)
        leg.close(LegEnd.OVER)
        assert leg.closed is LegEnd.OVER

    run_virtual(story())
    samples = [samples for kind, _, _, samples in session.told if kind == "played"]
    assert samples == pytest.approx([2_520, 4_920, 7_320], abs=2)
