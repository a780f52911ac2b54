"""From a released reply to the leg, and back: paced playback, holds, and what was really heard.

Holding is one mechanism for every kind of leg: flush, learn how far playback came, and send again
from the beginning of the word that was cut. What was heard comes from the leg's own counts; where
it does not answer in time, or never tells, the clock's estimate stands in.
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
"""A leg answers a flush within this (a worklet in 1 ms, plus the network's round trip)."""

MARK_WAIT_MS = 2_000.0
"""How long after the computed end of playback a missing mark is given up."""

CHARS_PER_S = 15
"""About what a voice reads in a second: how long a sentence is that is still being voiced, or
whose voice broke off."""


UNREPORTED_MS = 200.0
"""A leg that does not tell how far it has played is taken to be this much behind what it was sent
by the clock: ordinary jitter (see `audio.pacer.AHEAD_MS`)."""


@dataclass(slots=True)
class PlaybackState:
    """One released generation. Positions are samples of the reply."""

    reply: VoicedReply
    pacer: Pacer
    sent: int = 0
    shown: int = 0  # sentences in the caption
    position: int = 0
    guess: int = 0  # the position by the clock, when a flush was asked for
    told: int | None = None  # where a leg that does not acknowledge fell silent by itself
    begun: bool = False  # the leg has been told of this run
    started: bool = False  # PlaybackStarted was posted
    marked: bool = False  # the mark of this run was asked for
    holding: bool = False
    flushing: bool = False
    stopping: bool = False
    resume_wanted: bool = False
    run: int = 0  # how often playback has begun anew, after a hold or on another leg
    run_began: int = 0
    reported: tuple[int, float] | None = None  # the leg's last count in this run, and when

    @property
    def exact(self) -> bool:
        """Whether nothing sounds just now, so that `position` is where it is."""
        return self.holding or self.stopping

    def sounded_to(self, now: float) -> int:
        """Up to which sample it has sounded by `now` (session ms): never further than it has, as
        far as that can be known from the leg's counts."""
        if self.exact or not self.begun:
            return self.position
        clock = self.sent - samples_of(max(0.0, self.pacer.lead_ms(now)), VOICE_RATE)
        if self.reported is None:
            clock -= samples_of(UNREPORTED_MS, VOICE_RATE)
        else:
            samples, at = self.reported
            clock = min(clock, samples + samples_of(now - at, VOICE_RATE))
        return max(self.run_began, min(clock, self.sent))


class Playback:
    """One session's voice. At most one generation plays; `post` takes the machine's events, and
    `caption` is told the words of a reply so far whenever another sentence of it begins."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        post: Callable[[ev.Event], None],
        caption: Callable[[VoicedReply, str], None],
        ahead_ms: float,
    ) -> None:
        self._now = now
        self._post = post
        self._caption = caption
        self._ahead_ms = ahead_ms
        self._leg: Leg | None = None
        self._playback: PlaybackState | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def playback(self) -> PlaybackState | None:
        """What is being played, for those who listen in."""
        return self._playback

    def attach(self, leg: Leg) -> None:
        """Sound goes to this leg from now on."""
        self._leg = leg

    def detach(self) -> None:
        """The leg is gone; what it had played of the present reply is known no better any more."""
        self._leg = None
        self._cancel_timers()
        if (playback := self._playback) is not None:
            playback.begun = False  # the next leg knows nothing of this run
            if playback.flushing:
                self._flushed(playback)

    # --- commands --------------------------------------------------------------------------------

    def release(self, reply: VoicedReply) -> None:
        """Begin to play a reply, as soon as there is sound of it."""
        self.close()
        reply.latency["released"] = self._now()
        self._playback = PlaybackState(reply, Pacer(VOICE_RATE, ahead_ms=self._ahead_ms))
        self._pump()

    def grown(self, reply: VoicedReply) -> None:
        """A reply has more sound, or is complete."""
        if self._playback is not None and self._playback.reply is reply and self._timer is None:
            self._pump()

    def hold(self) -> None:
        """Fall silent at once and keep the place."""
        playback = self._playback
        if playback is None or playback.holding or playback.stopping:
            return
        playback.holding, playback.resume_wanted = True, False
        self._flush(playback)

    def resume(self) -> None:
        """Go on from the word that was cut."""
        playback = self._playback
        if playback is None or not playback.holding:
            return
        if playback.flushing:
            playback.resume_wanted = True
        else:
            self._go_on(playback)

    def stop(self) -> None:
        """Fall silent for good; PlaybackEnded tells what was heard."""
        playback = self._playback
        if playback is None or playback.stopping:
            return
        playback.stopping = True
        if self._leg is None or (playback.holding and not playback.flushing):
            self._end(playback)
        elif not playback.flushing:
            self._flush(playback)

    def discard(self, generation: int) -> None:
        """Forget a reply that was thrown away. If it was just about to be heard, it falls silent;
        nothing is posted."""
        playback = self._of(generation)
        if playback is None:
            return
        if self._leg is not None and playback.begun:
            self._leg.flush(generation)
        self.close()

    def close(self) -> None:
        """Forget everything; nothing is posted any more."""
        self._cancel_timers()
        self._playback = None

    # --- from the leg ----------------------------------------------------------------------------

    def played(self, generation: int, samples: int) -> None:
        """The leg has played this much of the generation (samples)."""
        playback = self._of(generation)
        if playback is not None and not playback.holding:
            playback.reported = (samples, self._now())
            self._advance(playback, samples)

    def marked(self, generation: int) -> None:
        """Everything sent of the generation has been played."""
        playback = self._of(generation)
        if playback is None or not playback.marked or playback.flushing or playback.holding:
            return
        self._advance(playback, playback.sent)
        self._end(playback)

    def flushed(self, generation: int, samples: int) -> None:
        """The leg is silent; this much of the generation was played. Of a leg that does not
        acknowledge this counts whenever it comes, and more than the clock."""
        playback = self._of(generation)
        if playback is None:
            return
        if self._by_clock:
            playback.told = samples
            if playback.flushing or playback.holding:
                self._believe(playback)
        elif playback.flushing:
            self._advance(playback, samples)
        if playback.flushing:
            self._flushed(playback)

    # --- the pump --------------------------------------------------------------------------------

    def _of(self, generation: int) -> PlaybackState | None:
        playback = self._playback
        return playback if playback and playback.reply.generation == generation else None

    @property
    def _by_clock(self) -> bool:
        return self._leg is not None and not self._leg.acknowledges

    def _pump(self) -> None:
        """Send what is due, and come back when more will be."""
        self._timer = None
        playback, leg = self._playback, self._leg
        if playback is None or leg is None or playback.holding or playback.stopping:
            return
        reply, now = playback.reply, self._now()
        if self._by_clock and playback.begun:
            self._advance(playback, self._position_by_clock(playback))
        while count := playback.pacer.take(reply.samples - playback.sent, now):
            self._begin(playback, leg, now)
            leg.play(bytes(memoryview(reply.pcm)[2 * playback.sent : 2 * (playback.sent + count)]))
            playback.sent += count
        self._show(playback)
        if playback.sent < reply.samples:
            self._come_back(playback.pacer.wait_ms(now))
        elif reply.complete and not playback.marked and reply.samples:
            self._begin(playback, leg, now)
            playback.marked = True
            leg.mark(reply.generation)
            wait = MARK_WAIT_MS if leg.acknowledges else 0.0
            self._arm(max(0.0, playback.pacer.lead_ms(now)) + wait, self._mark_missed)

    def _show(self, playback: PlaybackState) -> None:
        begun = [s.text for s in playback.reply.sentences if s.begin < playback.sent]
        if len(begun) > playback.shown:
            playback.shown = len(begun)
            self._caption(playback.reply, " ".join(begun))

    def _begin(self, playback: PlaybackState, leg: Leg, now: float) -> None:
        if playback.begun:
            return
        playback.begun = True
        playback.run += 1
        playback.run_began, playback.reported = playback.sent, None
        playback.reply.latency.setdefault("first_audio_sent", now)
        leg.begin(playback.reply.generation, playback.sent)

    def _come_back(self, wait_ms: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(wait_ms / 1000, self._pump)

    def _arm(self, wait_ms: float, then: Callable[[], None]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_later(wait_ms / 1000, then)

    def _cancel_timers(self) -> None:
        for timer in (self._timer, self._deadline):
            if timer is not None:
                timer.cancel()
        self._timer = self._deadline = None

    def _mark_missed(self) -> None:
        if (playback := self._playback) is not None:
            self._advance(playback, playback.sent)
            self._believe(playback)
            self._end(playback)

    # --- holding and ending ----------------------------------------------------------------------

    def _flush(self, playback: PlaybackState) -> None:
        self._cancel_timers()
        if self._leg is None or not playback.begun:
            self._flushed(playback)
            return
        playback.flushing = True
        playback.guess = self._position_by_clock(playback)
        self._leg.flush(playback.reply.generation)
        if playback.told is None:
            self._arm(FLUSH_WAIT_MS, self._flush_missed)
        else:
            self._believe(playback)
            self._flushed(playback)

    def _position_by_clock(self, playback: PlaybackState) -> int:
        lead = samples_of(max(0.0, playback.pacer.lead_ms(self._now())), VOICE_RATE)
        return playback.sent - lead

    def _believe(self, playback: PlaybackState) -> None:
        """Where the leg has told the position by itself, it was reckoned for nothing."""
        if playback.told is not None:
            playback.position = min(playback.told, playback.sent)
            self._advance(playback, playback.position)

    def _flush_missed(self) -> None:
        playback = self._playback
        if playback is not None and playback.flushing:
            self._advance(playback, playback.guess)
            self._flushed(playback)

    def _flushed(self, playback: PlaybackState) -> None:
        """The leg is silent, and `position` is as good as it gets."""
        self._cancel_timers()
        playback.flushing = False
        if playback.stopping:
            self._end(playback)
        elif playback.resume_wanted:
            self._go_on(playback)

    def _go_on(self, playback: PlaybackState) -> None:
        """A new run of the same generation, from the beginning of the word that was cut."""
        playback.holding = playback.resume_wanted = False
        playback.begun = playback.marked = False
        playback.told = None
        playback.sent = _resume_position(playback.reply, playback.position)
        reply = playback.reply
        if reply.complete and playback.sent >= reply.samples:
            self._end(playback)
            return
        playback.pacer.start(self._now())
        self._pump()

    def _advance(self, playback: PlaybackState, samples: int) -> None:
        """Take in a position told by the leg; a count beyond what was sent is not believed."""
        reply = playback.reply
        playback.position = max(playback.position, min(samples, playback.sent))
        if playback.position > 0 and not playback.started:
            playback.started = True
            at_ms = max(
                self._now() - ms_of(playback.position, VOICE_RATE),
                reply.latency.get("first_audio_sent", 0.0),
            )
            reply.latency["first_audio_played"] = at_ms
            self._post(ev.PlaybackStarted(reply.generation, at_ms))

    def _end(self, playback: PlaybackState) -> None:
        self.close()
        reply = playback.reply
        reply.latency["underrun_ms"] = playback.pacer.starved_ms
        heard = heard_text(reply, playback.position)
        self._post(ev.PlaybackEnded(reply.generation, self._now(), reply.text, heard))


def heard_text(reply: VoicedReply, position: int) -> str:
    """The words of the reply that were heard when `position` samples of it were played."""
    heard: list[str] = []
    for sentence in reply.sentences:
        length = _length(reply, sentence)
        words = heard_words(sentence.text, length, position - sentence.begin, rate=VOICE_RATE)
        if words:
            heard.append(words)
        if words != sentence.text:
            break
    return " ".join(heard)


def _resume_position(reply: VoicedReply, position: int) -> int:
    """Where to go on after a hold: the beginning of the word that was cut at `position`."""
    for sentence in reply.sentences:
        length = _length(reply, sentence)
        if position < sentence.begin + length:
            inside = max(0, position - sentence.begin)
            return sentence.begin + sample_of_word_start(sentence.text, length, inside)
    return position


def _length(reply: VoicedReply, sentence: VoicedSentence) -> int:
    """Samples of the whole sentence, guessed from its letters as long as it has no end."""
    if sentence.end is not None:
        return sentence.end - sentence.begin
    guess = len(sentence.text) * VOICE_RATE // CHARS_PER_S
    return max(guess, reply.samples - sentence.begin)
