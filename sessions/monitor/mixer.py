"""Mixer: what viewers hear, both sides in step as one stereo stream, a little behind.

The candidate's side is the sound as it comes in; the other side is what the candidate hears: the
reply at the position it has been played to, or the recruiter who holds the floor. It is made in
frames of 80 ms, and only while somebody watches: otherwise nothing is kept or made.
"""

import asyncio
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SILENCE_DBFS, from_bytes, level_dbfs, samples_of
from audio.resample import StreamingResampler
from audio.speech import SPEECH_RATE, VOICE_RATE
from sessions.monitor.events import LevelsNow, QualityNow, SoundFrame
from sessions.speaking.playback import PlaybackState

FRAME_MS = 80.0
"""Twelve messages a second; with the cushion and the network well below 300 ms behind."""

STEP_MS = 40.0
"""One level for each; FRAME_MS is a multiple of it."""

LEVELS_EVERY = 2
"""Frames for each message of levels."""

CUSHION_MS = 30.0
"""Sound that must be there beyond a frame before a side begins: the browser sends 20 to 60 ms at a
time."""

MOST_BEHIND_MS = 120.0
"""Sound that may wait beyond a frame; more is skipped, so that a stall does not delay all that
follows."""

QUALITY_FRAMES = 50
"""Frames for each report on the candidate's sound: 4 s."""

VOICE_ABOVE_DB = 12.0
"""A frame so far above the noise counts as voice."""

CLIPPED_AT = 32_000
"""A sample this large (full scale is 32,767) was cut off by the microphone or its gain."""

FRAME = samples_of(FRAME_MS, SPEECH_RATE)
VOICE_FRAME = samples_of(FRAME_MS, VOICE_RATE)
STEP = samples_of(STEP_MS, SPEECH_RATE)

RESAMPLER_DELAY = samples_of(12.5, SPEECH_RATE)
"""Silence in front of a stream from 24 to 16 kHz, so that a whole frame is there from the first on:
what goes in takes 10 ms to come out (`audio.resample`)."""

Samples = NDArray[np.int16]


class FrameQueue:
    """Sound as it comes in at 16 kHz, taken out frame by frame; silence where there is none."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._flowing = False
        self.received = 0

    def add(self, samples: Samples) -> None:
        """Append sound; called for every frame of the microphone."""
        self._waiting += samples.tobytes()
        self.received += len(samples)

    def take(self) -> Samples:
        """Return the next 80 ms."""
        there = len(self._waiting) // 2
        beyond = there - FRAME - samples_of(MOST_BEHIND_MS, SPEECH_RATE)
        if beyond > 0:
            del self._waiting[: 2 * beyond]
            there -= beyond
        cushion = 0 if self._flowing else samples_of(CUSHION_MS, SPEECH_RATE)
        self._flowing = there >= FRAME + cushion
        if not self._flowing:
            return np.zeros(FRAME, np.int16)
        taken = bytes(self._waiting[: 2 * FRAME])
        del self._waiting[: 2 * FRAME]
        return from_bytes(taken)


class PlaybackTap:
    """What the candidate hears of the interviewer, frame by frame at 16 kHz."""

    def __init__(self, playing: Callable[[], PlaybackState | None]) -> None:
        self._playing = playing
        self._playback: PlaybackState | None = None
        self._run = 0
        self._cursor = 0
        self._flowing = False
        self._resampler = StreamingResampler(VOICE_RATE, SPEECH_RATE)
        self._leftover = np.zeros(RESAMPLER_DELAY, np.int16)

    def take(self, now: float) -> Samples:
        """Return the next 80 ms, as of `now` (session ms)."""
        piece = np.zeros(VOICE_FRAME, np.int16)
        count = self._due(now)
        if count and self._playback is not None:
            pcm = memoryview(self._playback.reply.pcm)
            piece[:count] = np.frombuffer(
                bytes(pcm[2 * self._cursor : 2 * (self._cursor + count)]), dtype="<i2"
            )
            self._cursor += count
        # Pieces come out of the resampler a few samples longer or shorter than they went in.
        ready = np.concatenate((self._leftover, self._resampler.process(piece)))
        self._leftover = ready[FRAME:]
        return ready[:FRAME]

    def _due(self, now: float) -> int:
        """Return how many samples to take from the cursor on."""
        present = self._playing()
        kept = self._playback
        if present is not kept:
            if kept is not None and self._cursor < kept.position and self._flowing:
                return min(VOICE_FRAME, kept.position - self._cursor)  # the end of what was played
            self._playback, self._run, self._flowing = present, -1, False
        if present is None:
            return 0
        if present.run != self._run:  # a new run begins somewhere else
            joining = self._run == -1
            to = present.sounded_to(now)
            self._run, self._flowing = present.run, False
            self._cursor = (
                max(present.run_began, to - VOICE_FRAME) if joining else present.run_began
            )
        there = present.sounded_to(now) - self._cursor
        beyond = there - VOICE_FRAME - samples_of(MOST_BEHIND_MS, VOICE_RATE)
        if beyond > 0:
            self._cursor += beyond
            there -= beyond
        if present.exact:
            return max(0, min(VOICE_FRAME, there))
        cushion = 0 if self._flowing else samples_of(CUSHION_MS, VOICE_RATE)
        self._flowing = there >= VOICE_FRAME + cushion
        return VOICE_FRAME if self._flowing else 0


class Mixer:
    """Makes frames and levels on one timer while they are wanted.

    `now` gives session ms, `playing` what is being played; `offer` and `report` take what was made.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        playing: Callable[[], PlaybackState | None],
        offer: Callable[[SoundFrame | LevelsNow], None],
        report: Callable[[QualityNow], None],
    ) -> None:
        self._now = now
        self._playing = playing
        self._offer = offer
        self._report = report
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        self._frames = 0
        self._sound = self._levels = False
        self._quality = QualityMeter()
        self._reset()

    @property
    def running(self) -> bool:
        """Whether sound is to be handed to it."""
        return self._timer is not None

    def want(self, *, sound: bool, levels: bool, quality: bool) -> None:
        """Set what is wanted from now on.

        `quality`: somebody watches, so the candidate's sound is judged as well.
        """
        self._sound, self._levels = sound, levels
        wanted = sound or levels or quality
        if wanted and self._timer is None:
            self._reset()
            self._due_s = asyncio.get_running_loop().time()
            self._arm()
        elif not wanted and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def candidate(self, samples: Samples) -> None:
        """Take in the candidate's sound: mono PCM16 at 16 kHz."""
        if self._timer is not None:
            self._candidate.add(samples)

    def recruiter(self, samples: Samples) -> None:
        """Take in the sound of the recruiter who holds the floor: mono PCM16 at 16 kHz."""
        if self._timer is not None:
            self._recruiter.add(samples)
            self._recruiter_sounds = True

    def interviewer_again(self) -> None:
        """Let the interviewer be heard in place of the recruiter."""
        self._recruiter_sounds = False

    def _reset(self) -> None:
        self._candidate, self._recruiter = FrameQueue(), FrameQueue()
        self._tap = PlaybackTap(self._playing)
        self._recruiter_sounds = False
        self._pending_levels: tuple[list[int], list[int]] = ([], [])
        self._quality = QualityMeter()

    def _arm(self) -> None:
        loop = asyncio.get_running_loop()
        self._due_s = max(self._due_s + FRAME_MS / 1000, loop.time())  # no burst after a stall
        self._timer = loop.call_at(self._due_s, self._tick)

    def _tick(self) -> None:
        now = self._now()
        self._arm()
        self._frames += 1
        left = self._candidate.take()
        right = self._tap.take(now)
        if self._recruiter_sounds:
            right = self._recruiter.take()
        if self._sound:
            stereo = np.stack((left, right), axis=1).tobytes()
            self._offer(SoundFrame(self._frames, max(0.0, now - FRAME_MS), stereo))
        if self._levels:
            self._measure(left, right, now)
        report = self._quality.take(left, self._candidate.received)
        if report is not None:
            self._report(report)

    def _measure(self, left: Samples, right: Samples, now: float) -> None:
        for values, samples in zip(self._pending_levels, (left, right), strict=True):
            values += [level_of(samples[n : n + STEP]) for n in range(0, FRAME, STEP)]
        if self._frames % LEVELS_EVERY == 0:
            candidate, interviewer = (tuple(values) for values in self._pending_levels)
            self._pending_levels = ([], [])
            self._offer(LevelsNow(now, candidate, interviewer))


class QualityMeter:
    """Measures the candidate's sound over 4 s at a time."""

    def __init__(self) -> None:
        self._levels: list[float] = []
        self._clipped = 0
        self._received: int | None = None

    def take(self, frame: Samples, received: int) -> QualityNow | None:
        """Take in a frame, and how many samples came in all. Return a report every 50 frames."""
        if self._received is None:
            self._received = received
        self._levels.append(level_dbfs(frame))
        self._clipped += int(np.count_nonzero(np.abs(frame.astype(np.int32)) >= CLIPPED_AT))
        if len(self._levels) < QUALITY_FRAMES:
            return None
        levels, clipped = sorted(self._levels), self._clipped
        expected = QUALITY_FRAMES * FRAME
        missing = expected - (received - self._received)
        self._levels, self._clipped, self._received = [], 0, received
        noise = levels[QUALITY_FRAMES // 10]
        voice = [level for level in levels if level > max(noise + VOICE_ABOVE_DB, -60.0)]
        return QualityNow(
            over_ms=QUALITY_FRAMES * FRAME_MS,
            voice_db=round(math.fsum(voice) / len(voice), 1) if voice else None,
            noise_db=round(noise, 1),
            clipped=round(clipped / expected, 4),
            missing_ms=max(0.0, round(missing * 1000 / SPEECH_RATE)),
        )


def level_of(samples: Samples) -> int:
    """Return the level in whole dBFS."""
    return round(level_dbfs(samples)) if samples.size else round(SILENCE_DBFS)
