"""Listening in: both sides in step, soon, and nothing that the candidate did not hear."""

import numpy as np
from numpy.typing import NDArray

from audio.speech import VOICE_RATE
from sessions.monitor.mixer import CLIPPED_AT, FRAME, FRAME_MS, FrameQueue, QualityMeter
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, Candidate
from tests.sessions.monitor.test_session_monitor import make_hall, settled
from tests.sessions.monitor.watching import Watch
from tests.support.virtual_time import pass_ms, run_virtual

LOUD = 2_000


def loud_at_ms(sound: NDArray[np.int16], begin_ms: float) -> list[float]:
    """Where 10 ms frames are loud, in ms, if the sound begins at `begin_ms`."""
    step = 160
    frames = np.abs(sound[: len(sound) // step * step].astype(int)).reshape(-1, step).max(axis=1)
    return [begin_ms + 10.0 * n for n in np.flatnonzero(frames > LOUD)]


def heard_spans_ms(candidate: Candidate) -> list[tuple[float, float]]:
    """When a reply sounded at the candidate's ear, and until when, in the loop's ms."""
    return [(sound.begins_s * 1000, sound.ends_s * 1000) for sound in candidate.leg.sounds]


def test_both_sides_are_heard_at_most_300_ms_behind(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        watch.seat.listen(True)
        await settled(candidate, 1)
        await pass_ms(500)
        spoke_ms = candidate.microphone._next_s * 1000
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await settled(candidate, 2)

        assert len(set(np.diff([frame.number for frame in watch.frames]))) == 1
        first_ms = watch.frames_ms[0]
        left, right = watch.sound(0), watch.sound(1)
        voice = loud_at_ms(said(ANSWERS[0]), spoke_ms)
        came = [at + FRAME_MS for at in loud_at_ms(left, first_ms - FRAME_MS)]
        assert 0 < came[0] - voice[0] <= 300
        assert 0 < came[-1] - voice[-1] <= 300
        spans = heard_spans_ms(candidate)
        heard = [at + FRAME_MS for at in loud_at_ms(right, first_ms - FRAME_MS)]
        assert 0 < heard[0] - spans[0][0] <= 300
        assert 0 < heard[-1] - spans[-1][1] <= 300
        lasted_ms = 10 * len(heard)
        played_ms = sum(end - begin for begin, end in spans)
        assert abs(lasted_ms - played_ms) < 120

    run_virtual(story())


def test_what_was_cut_off_does_not_sound(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        watch.seat.listen(True)
        await pass_ms(2_200)
        candidate.transcriber.says = "Wait, I have a question about this."
        await candidate.say(said("Wait, I have a question about this."), candidate.transcriber.says)
        await pass_ms(600)
        generation = candidate.leg.runs[0][0]
        heard = candidate.leg.heard(generation)
        samples = sum(end - begin for begin, end in heard)
        right = watch.sound(1)[: (16 * 4_500)]
        told_ms = 10 * len(loud_at_ms(right, 0.0))
        assert samples < 2.6 * VOICE_RATE
        assert told_ms <= samples * 1000 / VOICE_RATE + 30

    run_virtual(story())


def test_joining_in_the_middle_of_a_word_brings_the_rest_of_it(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        await pass_ms(1_500)
        watch = Watch(candidate.session)
        watch.seat.listen(True)
        await pass_ms(500)
        assert len(loud_at_ms(watch.sound(1), 0.0)) > 20
        watch.seat.listen(False)
        frames = len(watch.frames)
        await pass_ms(500)
        assert len(watch.frames) == frames
        assert watch.levels
        assert max(watch.levels[-1].interviewer) > -30
        assert max(watch.levels[-1].candidate) < -50

    run_virtual(story())


def test_a_stall_is_not_late_for_ever() -> None:
    incoming = FrameQueue()
    burst = np.arange(16_000, dtype=np.int16)
    incoming.add(burst)
    first = incoming.take()
    assert first[0] == 16_000 - FRAME - 1_920
    assert len(incoming.take()) == FRAME


def test_the_quality_of_the_candidates_sound_is_judged() -> None:
    quality = QualityMeter()
    quiet = np.random.default_rng(1).normal(0, 10, FRAME).astype(np.int16)
    loud = np.full(FRAME, CLIPPED_AT, np.int16)
    report = None
    for number in range(50):
        frame = loud if number % 5 == 0 else quiet
        report = quality.take(frame, received=(number + 1) * FRAME // 2)
    assert report is not None
    assert report.over_ms == 4_000
    assert report.voice_db is not None
    assert report.voice_db > -1
    assert -75 < report.noise_db < -65
    assert report.clipped == 0.2
    assert 1_900 < report.missing_ms < 2_100
