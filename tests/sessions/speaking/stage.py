"""Stage for playback tests: a reply to play, a leg to play it, and what was posted."""

from typing import TypeVar

from audio.alignment import heard_words
from audio.pcm import ms_of, samples_of
from audio.speech import VOICE_RATE
from sessions.leg import FlushDone, LegEvent, MarkReached, PlayedTo
from sessions.speaking.playback import Playback
from sessions.speaking.voiced_reply import VoicedReply, VoicedSentence
from sessions.turntaking import events as ev
from tests.fakes.fake_leg import FakeLeg
from tests.fakes.fake_speech import tone
from tests.support.virtual_time import now_ms

E = TypeVar("E", ev.PlaybackStarted, ev.PlaybackEnded)

WORD_MS = 300.0
FIRST = "What was the hardest problem that you solved there?"
SECOND = "Tell me how you found it, and what you did then."
THIRD = "Take all the time you need."

MUTE: frozenset[str] = frozenset()


def samples(ms: float) -> int:
    """At the voice's rate."""
    return samples_of(ms, VOICE_RATE)


def add_sentence(reply: VoicedReply, text: str, *, part: float = 1.0) -> None:
    """Voice a sentence of the reply at once; with `part` below 1 it is still being voiced."""
    sound = tone(len(text.split()) * WORD_MS * part)
    sentence = VoicedSentence(text, reply.samples)
    reply.written.append(text)
    reply.sentences.append(sentence)
    reply.pcm += sound.tobytes()
    if part == 1.0:
        sentence.end = reply.samples


def voiced(*sentences: str, generation: int = 1) -> VoicedReply:
    """A reply that is written and voiced to its end."""
    reply = VoicedReply(generation)
    for text in sentences:
        add_sentence(reply, text)
    reply.complete = True
    return reply


def length_ms(reply: VoicedReply) -> float:
    """Of what is voiced."""
    return ms_of(reply.samples, VOICE_RATE)


class Stage:
    """`leg` is wired to `speaking`; `events` and `captions` with their times in ms."""

    def __init__(
        self,
        *,
        latency_ms: float = 20.0,
        answers: frozenset[str] | None = None,
        ahead_ms: float = 300.0,
    ) -> None:
        self.events: list[tuple[float, ev.Event]] = []
        self.captions: list[tuple[float, str]] = []
        self.speaking = Playback(
            now=now_ms,
            post=lambda event: self.events.append((now_ms(), event)),
            on_caption=lambda reply, text: self.captions.append((now_ms(), text)),
            ahead_ms=ahead_ms,
        )
        self.leg = self.attach(latency_ms, answers)

    def attach(self, latency_ms: float = 20.0, answers: frozenset[str] | None = None) -> FakeLeg:
        """A leg takes the place of the one before."""
        leg = FakeLeg(latency_ms) if answers is None else FakeLeg(latency_ms, answers)
        leg.on_event = self._take
        self.speaking.attach(leg)
        self.leg = leg
        return leg

    def _take(self, event: LegEvent) -> None:
        match event:
            case PlayedTo(generation, samples):
                self.speaking.played(generation, samples)
            case MarkReached(generation):
                self.speaking.marked(generation)
            case FlushDone(generation, samples):
                self.speaking.flushed(generation, samples)

    def attach_by_clock(self) -> FakeLeg:
        """A leg that tells nothing by itself: the test tells when it falls silent."""
        leg = self.attach(answers=MUTE)
        leg.acknowledges = False
        return leg

    def lose_leg(self) -> None:
        """The connection breaks."""
        self.leg.lose()
        self.speaking.detach()

    def posted(self, kind: type[E]) -> list[E]:
        """The events of a kind."""
        return [event for _, event in self.events if isinstance(event, kind)]

    @property
    def ended(self) -> ev.PlaybackEnded:
        """The one end that was posted."""
        (event,) = self.posted(ev.PlaybackEnded)
        return event


def words_heard(reply: VoicedReply, position: int) -> str:
    """What is to be believed heard of a whole voiced reply, by the alignment alone."""
    heard = [
        heard_words(
            sentence.text,
            (sentence.end or reply.samples) - sentence.begin,
            position - sentence.begin,
            rate=VOICE_RATE,
        )
        for sentence in reply.sentences
    ]
    return " ".join(words for words in heard if words)
