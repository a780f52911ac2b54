"""What a voice says in another form than it was given goes on record as it was said."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from audio.alignment import heard_words
from audio.speech import VOICE_RATE, SpokenFacts
from sessions.interviewer.protocol import Conversation
from sessions.plan.plan import demo_plan
from sessions.speaking.playback import heard_text
from sessions.speaking.reply_writer import ReplyWriter
from sessions.speaking.voiced_reply import VoicedReply, VoicedSentence
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from tests.fakes.fake_interviewer import FakeInterviewer
from tests.fakes.fake_speech import FakeSynthesizer
from tests.support.virtual_time import now_ms, run_virtual

CONVERSATION = Conversation(demo_plan(), "Ada", "en", (), Cause.ANSWER, said="It was a cache.")
WRITTEN = ["I am glad to hear that.", "I am glad to hear that.", "What is next for you?"]
SAID = ["I'm glad to hear that.", "I am glad to hear that.", "What's next for you?"]


class Contracting(FakeSynthesizer):
    """A voice that says `said`, one after the other, and tells so from its `at`-th piece on; at the
    end at the latest."""

    def __init__(self, said: list[str], at: int) -> None:
        super().__init__()
        self.said = list(said)
        self.at = at

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See `Synthesizer`."""
        said = self.said.pop(0) if self.said else text
        number = 0
        async with aclosing(super().speak(text, speed=speed, facts=facts)) as sound:
            async for piece in sound:
                if facts is not None and number == self.at and said != text:
                    facts.said = said
                number += 1
                yield piece
        if facts is not None and said != text:
            facts.said = said


def composed(said: list[str], at: int) -> tuple[VoicedReply, list[ev.Event]]:
    reply, events = VoicedReply(3), list[ev.Event]()

    async def story() -> None:
        writer = ReplyWriter(
            interviewer=FakeInterviewer(" ".join(WRITTEN)),
            synthesizer=Contracting(said, at),
            now=now_ms,
            post=events.append,
            on_audio=lambda _reply: None,
        )
        await writer.compose(reply, CONVERSATION)

    run_virtual(story())
    return reply, events


@pytest.mark.parametrize("at", [0, 3, 1_000])
def test_the_record_holds_what_was_said(at: int) -> None:
    reply, events = composed(SAID, at)
    assert [sentence.text for sentence in reply.sentences] == SAID
    assert reply.text == " ".join(SAID)
    assert heard_text(reply, reply.samples) == reply.text
    ready = [event.text for event in events if isinstance(event, ev.SentenceReady)]
    assert ready == (SAID if at == 0 else WRITTEN)


def test_heard_words_are_words_that_were_said() -> None:
    reply, _ = composed(SAID, 3)
    first = reply.sentences[0]
    assert first.end is not None
    for ms in range(0, 2_000, 50):
        position = ms * VOICE_RATE // 1_000
        expected = heard_words(SAID[0], first.end, position)
        assert heard_text(reply, min(position, first.end)).startswith(expected)
        assert reply.text.startswith(heard_text(reply, position))


def test_a_voice_that_reads_as_it_stands_changes_nothing() -> None:
    reply, _ = composed([], 0)
    assert reply.written == WRITTEN


def test_a_saying_that_is_taken_back_leaves_the_text_as_it_was_written() -> None:
    reply = VoicedReply(1, written=["One moment.", "I am here."], filler="One moment.")
    sentence = VoicedSentence("I am here.", 0)
    reply.sentences += [VoicedSentence("One moment.", 0, 0), sentence]
    reply.note_said(sentence, "I'm here.")
    assert reply.text == "One moment. I'm here."
    reply.note_said(sentence, "I am here.")
    assert (reply.text, sentence.text) == ("One moment. I am here.", "I am here.")
