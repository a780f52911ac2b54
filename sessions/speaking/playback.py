"""Playback: from a released reply to the leg, and back: pacing, holds, and the heard text.

Holding is one mechanism for every kind of leg: flush, learn how far playback came, and send again
from the beginning of the word that was cut. What was heard follows from the leg's own counts; if it
does not answer in time, or never reports, from an estimate by the clock.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from audio.alignment import heard_words, sample_of_word_start
from audio.pacer import Pacer
from audio.pcm import ms_of, samples_of
from audio.speech import VOICE_RATE
from sessions.leg import Leg
from sessions.speaking.voiced_reply import VoicedReply, VoicedSentence
from sessions.turntaking import events as ev

FLUSH_WAIT_MS = 500.0
"""Time within which a leg answers a flush (a worklet in 1 ms, plus the network's round trip)."""

MARK_WAIT_MS = 2_000.0
"""Time after the computed end of playback at which a missing mark is given up."""

CHARS_PER_S = 15
"""Characters that a voice reads in a second, about: the length of a sentence that is still being
voiced, or whose voice broke off, is estimated by it."""

UNHEARD_CUT_MS = 100.0
"""Rest of a reply's last word that nobody misses: the fading of its last sound. The voice over it
was begun before that was known, a tenth of a second ago."""

UNREPORTED_MS = 200.0
"""Time by which a leg that does not report its playback is taken to be behind the clock: ordinary
jitter (see `audio.pacer.AHEAD_MS`)."""


@dataclass(slots=True)
class PlaybackState:
    """State of one released generation. Positions are samples of the reply."""

    reply: VoicedReply
    """Reply being played."""

    pacer: Pacer
    """Pacer that decides what is due to be sent."""

    sent: int = 0
    """Position up to which audio was sent."""

    captioned: int = 0
    """Number of sentences that the caption shows."""

    position: int = 0
    """Position up to which playback is known to have come."""

    reached: int = 0
    """Position that playback had come to by the moment of the hold, as far as that is certain."""

    estimate: int = 0
    """Position by the clock at the time a flush was requested."""

    reported_stop: int | None = None
    """Position at which a leg that does not acknowledge has reported to have fallen silent."""

    begun: bool = False
    """Whether the leg was sent the beginning of this run."""

    start_posted: bool = False
    """Whether PlaybackStarted was posted."""

    mark_requested: bool = False
    """Whether the mark of this run was requested."""

    holding: bool = False
    """Whether the reply is held."""

    flushing: bool = False
    """Whether the leg has not answered a flush yet."""

    stopping: bool = False
    """Whether the reply is to end as soon as its position is known."""

    resume_requested: bool = False
    """Whether the reply is to go on as soon as its position is known."""

    run: int = 0
    """Number of the run: a new one begins after a hold, and on another leg."""

    run_began: int = 0
    """Position at which the run began."""

    last_report: tuple[int, float] | None = None
    """The leg's last count in this run, and the session ms at which it came."""

    @property
    def exact(self) -> bool:
        """Whether nothing sounds just now, so that `position` is exact."""
        return self.holding or self.stopping

    @property
    def all_was_said(self) -> bool:
        """Whether it is held, and only silence was left of it.

        A sentence ends with silence, and who speaks over that has heard the question: there is
        nothing to go on with.
        """
        reply, reached = self.reply, max(self.position, self.reached)
        if self.reported_stop is not None:
            reached = self.position
        if not (self.holding and reply.complete and reply.samples):
            return False
        return reply.audible_to - reached <= samples_of(UNHEARD_CUT_MS, VOICE_RATE)

    def sounded_to(self, now: float) -> int:
        """Return the sample up to which it has sounded by `now` (session ms).

        It is never more than has sounded, as far as that can be known from the leg's counts.
        """
        if self.exact or not self.begun:
            return self.position
        clock = self.position_by_clock(now)
        if self.last_report is None:
            clock -= samples_of(UNREPORTED_MS, VOICE_RATE)
        else:
            samples, at = self.last_report
            clock = min(clock, samples + samples_of(now - at, VOICE_RATE))
        return max(self.run_began, min(clock, self.sent))

    def position_by_clock(self, now: float) -> int:
        """Return the position that playback has come to by `now` (session ms), by the clock."""
        return self.sent - samples_of(max(0.0, self.pacer.lead_ms(now)), VOICE_RATE)

    def next_caption(self) -> str:
        """Return the words so far if another sentence has begun since the last call, else ""."""
        begun = [s.text for s in self.reply.sentences if s.begin < self.sent]
        if len(begun) <= self.captioned:
            return ""
        self.captioned = len(begun)
        return " ".join(begun)


class _Timer:
    """Timer that is set again and again; at most one call is pending."""

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None

    @property
    def pending(self) -> bool:
        """Whether a call is due."""
        return self._handle is not None

    def set(self, wait_ms: float, then: Callable[[], None]) -> None:
        """Call `then` after `wait_ms`, in place of what is pending."""
        self.cancel()
        self._handle = asyncio.get_running_loop().call_later(wait_ms / 1000, self._fire, then)

    def cancel(self) -> None:
        """Drop what is pending."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fire(self, then: Callable[[], None]) -> None:
        self._handle = None
        then()


class Playback:
    """Playback of one session. At most one generation plays.

    `post` takes the machine's events, `now` returns session ms, and `on_caption` takes the words of
    a reply so far whenever another sentence of it begins. `ahead_ms` is how far audio is sent ahead
    of playback. `on_sent` takes what is sent, None for the order to fall silent.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        on_caption: Callable[[VoicedReply, str], None],
        ahead_ms: float,
        on_sent: Callable[[bytes | None], None] = lambda pcm: None,
    ) -> None:
        self._on_sent = on_sent
        self._now = now
        self._post = post
        self._on_caption = on_caption
        self._ahead_ms = ahead_ms
        self._leg: Leg | None = None
        self._playback: PlaybackState | None = None
        self._pump_timer = _Timer()
        self._deadline = _Timer()

    @property
    def playback(self) -> PlaybackState | None:
        """State of the generation being played, for the monitor."""
        return self._playback

    def attach(self, leg: Leg) -> None:
        """Send audio to this leg from now on."""
        self._leg = leg

    def detach(self) -> None:
        """Let go of a lost leg: how far it has played is known no better any more."""
        self._leg = None
        self._cancel_timers()
        if (playback := self._playback) is not None:
            playback.begun = False  # the next leg was sent nothing of this run
            if playback.flushing:
                self._flushed(playback)

    # --- commands --------------------------------------------------------------------------------

    def release(self, reply: VoicedReply) -> None:
        """Begin to play a reply as soon as there is audio of it."""
        self.close()
        reply.latency["released"] = self._now()
        self._playback = PlaybackState(reply, Pacer(VOICE_RATE, ahead_ms=self._ahead_ms))
        self._pump()

    def on_audio(self, reply: VoicedReply) -> None:
        """Send what is due of a reply that has more audio, or is complete now."""
        playback = self._playback
        if playback is not None and playback.reply is reply and not self._pump_timer.pending:
            self._pump()

    def hold(self) -> None:
        """Fall silent at once and keep the place."""
        playback = self._playback
        if playback is None or playback.holding or playback.stopping:
            return
        reached = playback.sounded_to(self._now())
        if self._leg is not None and not self._leg.acknowledges and not playback.exact:
            reached = playback.position_by_clock(self._now())
        playback.holding, playback.resume_requested = True, False
        playback.reached = max(playback.reached, reached)
        self._flush(playback)
        if self._playback is playback and playback.all_was_said:
            self._end(playback)

    def resume(self) -> None:
        """Go on from the word that was cut."""
        playback = self._playback
        if playback is None or not playback.holding:
            return
        if playback.flushing:
            playback.resume_requested = True
        else:
            self._go_on(playback)

    def stop(self) -> None:
        """Fall silent for good; PlaybackEnded carries the heard text."""
        playback = self._playback
        if playback is None or playback.stopping:
            return
        playback.stopping = True
        if self._leg is None or (playback.holding and not playback.flushing):
            self._end(playback)
        elif not playback.flushing:
            self._flush(playback)

    def discard(self, generation: int) -> None:
        """Drop a reply that was discarded; nothing is posted.

        If it was just about to be heard, it falls silent.
        """
        playback = self._of(generation)
        if playback is None:
            return
        if self._leg is not None and playback.begun:
            self._leg.flush(generation)
            self._on_sent(None)
        self.close()

    def close(self) -> None:
        """Drop what is being played; nothing is posted any more."""
        self._cancel_timers()
        self._playback = None

    # --- from the leg ----------------------------------------------------------------------------

    def played(self, generation: int, samples: int) -> None:
        """Take in that the leg has played so many samples of the generation."""
        playback = self._of(generation)
        if playback is not None and not playback.holding:
            playback.last_report = (samples, self._now())
            self._advance(playback, samples)

    def marked(self, generation: int) -> None:
        """Take in that everything sent of the generation has been played."""
        playback = self._of(generation)
        if playback is None or not playback.mark_requested or playback.flushing or playback.holding:
            return
        self._advance(playback, playback.sent)
        self._end(playback)

    def flushed(self, generation: int, samples: int) -> None:
        """Take in that the leg is silent and has played so many samples of the generation.

        From a leg that does not acknowledge this counts whenever it comes, and more than the clock.
        """
        playback = self._of(generation)
        if playback is None:
            return
        if self._leg is not None and not self._leg.acknowledges:
            playback.reported_stop = samples
            if playback.flushing or playback.holding:
                self._use_reported_stop(playback)
        elif playback.flushing:
            self._advance(playback, samples)
        if playback.flushing:
            self._flushed(playback)

    # --- the pump --------------------------------------------------------------------------------

    def _of(self, generation: int) -> PlaybackState | None:
        playback = self._playback
        return playback if playback and playback.reply.generation == generation else None

    def _pump(self) -> None:
        """Send what is due, and run again when more will be."""
        playback, leg = self._playback, self._leg
        if playback is None or leg is None or playback.holding or playback.stopping:
            return
        reply, now = playback.reply, self._now()
        if not leg.acknowledges and playback.begun:
            self._advance(playback, playback.position_by_clock(now))
        while count := playback.pacer.take(reply.samples - playback.sent, now):
            self._begin(playback, leg, now)
            pcm = bytes(memoryview(reply.pcm)[2 * playback.sent : 2 * (playback.sent + count)])
            leg.play(pcm)
            self._on_sent(pcm)
            playback.sent += count
            reply.sent = max(reply.sent, playback.sent)
        if caption := playback.next_caption():
            self._on_caption(reply, caption)
        if playback.sent < reply.samples:
            self._pump_timer.set(playback.pacer.wait_ms(now), self._pump)
        elif reply.complete and not playback.mark_requested and reply.samples:
            self._begin(playback, leg, now)
            playback.mark_requested = True
            leg.mark(reply.generation)
            wait = MARK_WAIT_MS if leg.acknowledges else 0.0
            self._deadline.set(max(0.0, playback.pacer.lead_ms(now)) + wait, self._on_deadline)

    def _begin(self, playback: PlaybackState, leg: Leg, now: float) -> None:
        if playback.begun:
            return
        playback.begun = True
        playback.run += 1
        playback.run_began, playback.last_report = playback.sent, None
        playback.reply.latency.setdefault("first_audio_sent", now)
        leg.begin(playback.reply.generation, playback.sent)

    def _cancel_timers(self) -> None:
        self._pump_timer.cancel()
        self._deadline.cancel()

    def _on_deadline(self) -> None:
        """Go on without the flush or the mark that the leg has not answered in time."""
        playback = self._playback
        if playback is None:
            return
        if playback.flushing:
            self._advance(playback, playback.estimate)
            self._flushed(playback)
        else:
            self._advance(playback, playback.sent)
            self._use_reported_stop(playback)
            self._end(playback)

    # --- holding and ending ----------------------------------------------------------------------

    def _flush(self, playback: PlaybackState) -> None:
        self._cancel_timers()
        if self._leg is None or not playback.begun:
            self._flushed(playback)
            return
        playback.flushing = True
        playback.estimate = playback.position_by_clock(self._now())
        self._leg.flush(playback.reply.generation)
        self._on_sent(None)
        if playback.reported_stop is None:
            self._deadline.set(FLUSH_WAIT_MS, self._on_deadline)
        else:
            self._use_reported_stop(playback)
            self._flushed(playback)

    def _use_reported_stop(self, playback: PlaybackState) -> None:
        """Take the position that the leg has reported by itself, if any, for the estimated one."""
        if playback.reported_stop is not None:
            playback.position = min(playback.reported_stop, playback.sent)
            self._advance(playback, playback.position)

    def _flushed(self, playback: PlaybackState) -> None:
        """Go on after a flush: `position` is as exact as it can be."""
        self._cancel_timers()
        playback.flushing = False
        if playback.stopping or playback.all_was_said:
            self._end(playback)
        elif playback.resume_requested:
            self._go_on(playback)

    def _go_on(self, playback: PlaybackState) -> None:
        """Begin a new run of the generation, from the beginning of the word that was cut."""
        playback.holding = playback.resume_requested = False
        playback.begun = playback.mark_requested = False
        playback.reached = 0
        playback.reported_stop = None
        playback.sent = resume_position(playback.reply, playback.position)
        reply = playback.reply
        if reply.complete and playback.sent >= reply.samples:
            self._end(playback)
            return
        playback.pacer.start(self._now())
        self._pump()

    def _advance(self, playback: PlaybackState, samples: int) -> None:
        """Take in a position of the leg; a count beyond what was sent is cut to it."""
        reply = playback.reply
        playback.position = max(playback.position, min(samples, playback.sent))
        if playback.position > 0 and not playback.start_posted:
            playback.start_posted = True
            at_ms = max(
                self._now() - ms_of(playback.position, VOICE_RATE),
                reply.latency.get("first_audio_sent", 0.0),
            )
            reply.latency["first_audio_played"] = at_ms
            self._post(ev.PlaybackStarted(reply.generation, at_ms))

    def _end(self, playback: PlaybackState) -> None:
        if playback.all_was_said:
            playback.sent = playback.reply.samples
            self._advance(playback, playback.sent)
        self.close()
        reply = playback.reply
        reply.latency["underrun_ms"] = playback.pacer.starved_ms
        heard = heard_text(reply, playback.position)
        self._post(ev.PlaybackEnded(reply.generation, self._now(), reply.text, heard))


def heard_text(reply: VoicedReply, position: int) -> str:
    """Return the words of the reply that were heard when `position` samples of it were played."""
    heard: list[str] = []
    for sentence in reply.sentences:
        words = _heard_of(reply, sentence, position)
        if words:
            heard.append(words)
        if words != sentence.text:
            break
    return " ".join(heard)


def _heard_of(reply: VoicedReply, sentence: VoicedSentence, position: int) -> str:
    """Return the words of a sentence that were heard: once, however many voices began it."""
    length = _length(reply, sentence)
    most = heard_words(sentence.text, length, position - sentence.begin, rate=VOICE_RATE)
    for begin, end in sentence.broken_off:
        whole = max(_estimated(sentence), end - begin)
        words = heard_words(sentence.text, whole, min(position, end) - begin, rate=VOICE_RATE)
        most = max(most, words, key=len)
    return most


def resume_position(reply: VoicedReply, position: int) -> int:
    """Return where to go on after a hold: the beginning of the word that was cut at `position`.

    In a sentence whose voice broke off there, that is where another voice begins it.
    """
    for sentence in reply.sentences:
        length = _length(reply, sentence)
        if position < sentence.begin + length:
            inside = max(0, position - sentence.begin)
            return sentence.begin + sample_of_word_start(sentence.text, length, inside)
    return position


def _length(reply: VoicedReply, sentence: VoicedSentence) -> int:
    """Return the samples of the whole sentence, estimated from its letters while it has no end."""
    if sentence.end is not None:
        return sentence.end - sentence.begin
    return max(_estimated(sentence), reply.samples - sentence.begin)


def _estimated(sentence: VoicedSentence) -> int:
    return len(sentence.text) * VOICE_RATE // CHARS_PER_S
