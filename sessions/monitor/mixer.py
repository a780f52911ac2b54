"""What those who listen in hear: both sides in step, as one stereo stream, a little behind.

The candidate's side is the sound as it comes in, the other side what the candidate hears: the
reply at the position it has been played to, or the recruiter who holds the floor. Made in frames
of 80 ms, and only while somebody watches: nothing is kept or made otherwise.
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
"""One level for each; FRAME_MS is a multiple."""

LEVELS_EVERY = 2
"""Frames to one message of levels."""

CUSHION_MS = 30.0
"""So much more than a frame must be there to begin: the browser sends 20 to 60 ms at a time."""

MOST_BEHIND_MS = 120.0
"""What is there beyond a frame and this is skipped: a stall must not make it late for ever."""

QUALITY_FRAMES = 50
"""Frames to one report on the candidate's sound: 4 s."""

VOICE_ABOVE_DB = 12.0
"""So far above the noise a frame counts as voice."""

CLIPPED_AT = 32_000
"""A sample this large (full scale is 32,767) was cut off by the microphone or its gain."""

FRAME = samples_of(FRAME_MS, SPEECH_RATE)
VOICE_FRAME = samples_of(FRAME_MS, VOICE_RATE)
STEP = samples_of(STEP_MS, SPEECH_RATE)

RESAMPLER_DELAY = samples_of(12.5, SPEECH_RATE)
"""Silence in front of a stream from 24 to 16 kHz, so that a whole frame is there from the first on:
what goes in takes 10 ms to come out (`audio.resample`)."""

Samples = NDArray[np.int16]


class Incoming:
    """Sound as it comes in at 16 kHz, taken out frame by frame: silence where there is none."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._flowing = False
        self.received = 0

    def add(self, samples: Samples) -> None:
        """Append; called for every frame of the microphone."""
        self._kept += samples.tobytes()
        self.received += len(samples)

    def take(self) -> Samples:
        """The next 80 ms."""
        there = len(self._kept) // 2
        beyond = there - FRAME - samples_of(MOST_BEHIND_MS, SPEECH_RATE)
        if beyond > 0:
            del self._kept[: 2 * beyond]
            there -= beyond
        cushion = 0 if self._flowing else samples_of(CUSHION_MS, SPEECH_RATE)
        self._flowing = there >= FRAME + cushion
        if not self._flowing:
            return np.zeros(FRAME, np.int16)
        taken = bytes(self._kept[: 2 * FRAME])
        del self._kept[: 2 * FRAME]
        return from_bytes(taken)


class Played:
    """What the candidate hears of the interviewer, frame by frame at 16 kHz."""

    def __init__(self, playing: Callable[[], PlaybackState | None]) -> None:
        self._playing = playing
        self._playback: PlaybackState | None = None
        self._run = 0
        self._cursor = 0
        self._flowing = False
        self._resampler = StreamingResampler(VOICE_RATE, SPEECH_RATE)
        self._rest = np.zeros(RESAMPLER_DELAY, np.int16)

    def take(self, now: float) -> Samples:
        """The next 80 ms, as of `now` (session ms)."""
        piece = np.zeros(VOICE_FRAME, np.int16)
        count = self._due(now)
        if count and self._playback is not None:
            pcm = memoryview(self._playback.reply.pcm)
            piece[:count] = np.frombuffer(
                bytes(pcm[2 * self._cursor : 2 * (self._cursor + count)]), dtype="<i2"
            )
            self._cursor += count
        # Pieces come out of the resampler a few samples longer or shorter than they went in.
        ready = np.concatenate((self._rest, self._resampler.process(piece)))
        self._rest = ready[FRAME:]
        return ready[:FRAME]

    def _due(self, now: float) -> int:
        """How many samples to take from the cursor on."""
        present = self._playing()
        kept = self._playback
        if present is not kept:
            if kept is not None and self._cursor < kept.position and self._flowing:
                return min(VOICE_FRAME, kept.position - self._cursor)  # its last words
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
    """Makes frames and levels on one timer while they are wanted. `now` tells session ms; `playing`
    what is being played; `spread` and `tell` take what was made."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        playing: Callable[[], PlaybackState | None],
        spread: Callable[[SoundFrame | LevelsNow], None],
        tell: Callable[[QualityNow], None],
    ) -> None:
        self._now = now
        self._playing = playing
        self._spread = spread
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        self._frames = 0
        self._sound = self._levels = False
        self._quality = Quality()
        self._begin_anew()

    @property
    def running(self) -> bool:
        """Whether sound is to be handed to it."""
        return self._timer is not None

    def want(self, *, sound: bool, levels: bool, voices: bool) -> None:
        """What is wanted from now on. `voices`: somebody watches, so the quality of the
        candidate's sound is judged as well."""
        self._sound, self._levels = sound, levels
        wanted = sound or levels or voices
        if wanted and self._timer is None:
            self._begin_anew()
            self._due_s = asyncio.get_running_loop().time()
            self._arm()
        elif not wanted and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def candidate(self, samples: Samples) -> None:
        """The candidate's sound: mono PCM16 at 16 kHz."""
        if self._timer is not None:
            self._candidate.add(samples)

    def recruiter(self, samples: Samples) -> None:
        """The sound of the recruiter who holds the floor: mono PCM16 at 16 kHz."""
        if self._timer is not None:
            self._recruiter.add(samples)
            self._taken = True

    def floor_is_back(self) -> None:
        """The interviewer speaks again."""
        self._taken = False

    def _begin_anew(self) -> None:
        self._candidate, self._recruiter = Incoming(), Incoming()
        self._played = Played(self._playing)
        self._taken = False
        self._loud: tuple[list[int], list[int]] = ([], [])
        self._quality = Quality()

    def _arm(self) -> None:
        loop = asyncio.get_running_loop()
        self._due_s = max(self._due_s + FRAME_MS / 1000, loop.time())  # no burst after a stall
        self._timer = loop.call_at(self._due_s, self._tick)

    def _tick(self) -> None:
        now = self._now()
        self._arm()
        self._frames += 1
        left = self._candidate.take()
        right = self._played.take(now)
        if self._taken:
            right = self._recruiter.take()
        if self._sound:
            stereo = np.stack((left, right), axis=1).tobytes()
            self._spread(SoundFrame(self._frames, max(0.0, now - FRAME_MS), stereo))
        if self._levels:
            self._measure(left, right, now)
        report = self._quality.take(left, self._candidate.received)
        if report is not None:
            self._tell(report)

    def _measure(self, left: Samples, right: Samples, now: float) -> None:
        for values, samples in zip(self._loud, (left, right), strict=True):
            values += [level_of(samples[n : n + STEP]) for n in range(0, FRAME, STEP)]
        if self._frames % LEVELS_EVERY == 0:
            candidate, interviewer = (tuple(values) for values in self._loud)
            self._loud = ([], [])
            self._spread(LevelsNow(now, candidate, interviewer))


class Quality:
    """Judges the candidate's sound over 4 s at a time."""

    def __init__(self) -> None:
        self._levels: list[float] = []
        self._clipped = 0
        self._received: int | None = None

    def take(self, frame: Samples, received: int) -> QualityNow | None:
        """Take a frame in, and how many samples have come in all. A report every 50 frames."""
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
    """The level in whole dBFS."""
    return round(level_dbfs(samples)) if samples.size else round(SILENCE_DBFS)
