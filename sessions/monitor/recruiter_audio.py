"""The audio of a recruiter who holds the floor: to the candidate's loudspeaker, and on record.

The voice goes to the leg as it comes, a little behind, under a generation of its own. The same
sound is listened to and transcribed like the candidate's; RecruiterSaid reports a whole turn.
"""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.pcm import ms_of, samples_of
from audio.resample import StreamingResampler
from audio.speech import SPEECH_RATE, VOICE_RATE, Transcriber
from sessions.leg import Leg
from sessions.listening.listener import Listener
from sessions.listening.vad_ticker import VadTicker
from sessions.side_tasks import Spawn
from sessions.turntaking import events as ev

LEAD_MS = 120.0
"""Sound that is held back before the first of it is sent: two of the longest frames, so that
ordinary jitter on the recruiter's connection does not become gaps on the candidate's."""

MOST_LEAD_MS = 500.0
"""What would be played later than this is dropped: after a stall the voice must not stay late for
the rest of the talk."""

TURN_END_MS = 900.0
"""Silence that ends a recruiter's turn of the record. Nobody waits for it."""

LAST_WORDS_S = 4.0
"""Seconds that handing back waits for the last words: a remote Whisper takes 2 s at the 99th
percentile."""


class LiveVoice:
    """Sends a microphone to whatever leg there is. Positions are samples at VOICE_RATE."""

    def __init__(self, generation: int, leg: Callable[[], Leg | None]) -> None:
        self._generation = generation
        self._leg = leg
        self._current: Leg | None = None
        self._resampler = StreamingResampler(SPEECH_RATE, VOICE_RATE)
        self._held = bytearray()
        self._sent = 0
        self._origin_ms: float | None = None

    def send(self, samples: NDArray[np.int16], now: float) -> None:
        """Send mono PCM16 at 16 kHz, as of `now` (session ms)."""
        leg = self._leg()
        if leg is None:
            self._current = None
            return
        pcm = self._resampler.process(samples).tobytes()
        if leg is not self._current:
            self._current, self._origin_ms = leg, None
            self._held.clear()
            leg.begin(self._generation, self._sent)
        if self._origin_ms is None:
            self._held += pcm
            if len(self._held) // 2 < samples_of(LEAD_MS, VOICE_RATE):
                return
            pcm = bytes(self._held)
            self._held.clear()
            self._origin_ms = now - ms_of(self._sent, VOICE_RATE)
        lead_ms = ms_of(self._sent, VOICE_RATE) - (now - self._origin_ms)
        if lead_ms > MOST_LEAD_MS:
            return
        if lead_ms < 0:  # it has run dry meanwhile: playback begins anew
            self._origin_ms += -lead_ms
        leg.play(pcm)
        self._sent += len(pcm) // 2

    def stop(self) -> None:
        """Send what is held back; what was sent is played to its end."""
        if self._held and self._current is not None and self._leg() is self._current:
            self._current.play(bytes(self._held))
        self._held.clear()


class RecruiterListener:
    """Makes turns of the record out of a microphone.

    `post` takes RecruiterSaid; `caption` is told (number, words, final), `on_speaking` whether the
    recruiter speaks.
    """

    def __init__(
        self,
        *,
        vad_ticker: VadTicker,
        transcriber: Transcriber,
        language: str,
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        spawn: Spawn,
        caption: Callable[[int, str, bool], None],
        on_speaking: Callable[[bool], None],
    ) -> None:
        self._now = now
        self._post = post
        self._caption = caption
        self._on_speaking = on_speaking
        self._utterance = 1
        self._attempt = 0
        self._began_ms: float | None = None
        self._ended_ms = 0.0
        self._speaks = False
        self._transcript: ev.TranscriptFinal | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._turn_closed = asyncio.Event()
        self._turn_closed.set()
        self.listener = Listener(
            vad_ticker=vad_ticker,
            transcriber=transcriber,
            language=language,
            terms=lambda: "",
            now=now,
            post=self._on_event,
            spawn=spawn,
            on_caption=lambda utterance, words: caption(utterance, words.text, False),
            utterance=lambda: self._utterance,
        )

    def open(self) -> None:
        """Begin to listen."""
        self.listener.attach()

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Take in mono PCM16 at 16 kHz."""
        self.listener.feed(samples)

    async def close(self) -> None:
        """Cease to listen; put what was said last on record, if its words come in time."""
        self.listener.detach()
        if self._speaks:
            self._speech_stopped(self._now())
        self._cancel_timer()
        if self._transcript is not None:
            self._close_turn()
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await self._turn_closed.wait()
        except TimeoutError:
            self._close_turn()

    def drop(self) -> None:
        """Forget everything."""
        self.listener.detach()
        self._cancel_timer()

    def _on_event(self, event: ev.Event) -> None:
        match event:
            case ev.SpeechStarted(at_ms):
                self._attempt += 1
                self._transcript, self._speaks = None, True
                self._cancel_timer()
                self._turn_closed.clear()
                if self._began_ms is None:
                    self._began_ms = at_ms
                    self._on_speaking(True)
            case ev.SpeechStopped(at_ms):
                self._speech_stopped(at_ms)
            case ev.TranscriptFinal(utterance, attempt) if self._is_current(utterance, attempt):
                self._transcript = event
                if self._timer is None:
                    self._close_turn()
            case ev.TranscriptFailed(utterance, attempt) if self._is_current(utterance, attempt):
                if self._timer is None:
                    self._close_turn()
            case _:
                pass

    def _speech_stopped(self, at_ms: float) -> None:
        self._speaks = False
        self._ended_ms = at_ms
        self.listener.finish(self._utterance, self._attempt)
        self._cancel_timer()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(TURN_END_MS / 1000, self._on_turn_end)

    def _is_current(self, utterance: int, attempt: int) -> bool:
        return (utterance, attempt) == (self._utterance, self._attempt) and not self._speaks

    def _on_turn_end(self) -> None:
        self._timer = None
        if self._transcript is not None:
            self._close_turn()

    def _close_turn(self) -> None:
        transcript, began_ms = self._transcript, self._began_ms
        self._cancel_timer()
        self._transcript = self._began_ms = None
        self._speaks = False
        self.listener.drop()
        if began_ms is not None:
            self._on_speaking(False)
        if transcript is not None and transcript.text.strip() and began_ms is not None:
            self._caption(self._utterance, transcript.text, True)
            self._post(
                ev.RecruiterSaid(transcript.text, began_ms, self._ended_ms, transcript.confidence)
            )
        self._utterance += 1
        self._turn_closed.set()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
