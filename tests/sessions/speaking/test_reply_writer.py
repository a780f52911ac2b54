"""Reply writer: written and voiced side by side, also when a provider fails."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from audio.pcm import from_bytes
from audio.providers.synthesizer_chain import SynthesizerChain
from audio.speech import SpeechError, SpeechRejected, Synthesizer
from sessions.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    Move,
    MoveKind,
    Usage,
)
from sessions.plan.plan import demo_plan
from sessions.speaking.playback import heard_text, resume_position
from sessions.speaking.reply_writer import BRIDGE_MS, ReplyWriter
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from tests.fakes.fake_interviewer import FakeInterviewer, Line, closing
from tests.fakes.fake_speech import FakeSynthesizer
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

PLAN = demo_plan()
QUESTION = PLAN.questions()[1]
THREE = (
    "I see, that is interesting to hear. What did you do about it in the end? "
    "Take all the time you need."
)
SENTENCES = [
    "I see, that is interesting to hear.",
    "What did you do about it in the end?",
    "Take all the time you need.",
]
CONVERSATION = Conversation(PLAN, "Ada", "en", (), Cause.ANSWER, said="It was a cache.")


class Recorder:
    """Reply writer with a reply; `story` holds what happened, in order."""

    def __init__(
        self,
        interviewer: Interviewer,
        voice: FakeSynthesizer | None = None,
        *,
        chain: Synthesizer | None = None,
    ) -> None:
        self.interviewer = interviewer
        self.voice = voice or FakeSynthesizer()
        self.story: list[str] = []
        self.events: list[ev.Event] = []
        self.replying = ReplyWriter(
            interviewer=interviewer,
            synthesizer=chain or self.voice,
            now=now_ms,
            post=self.post,
            on_audio=self.on_audio,
        )
        self.reply = VoicedReply(3)

    def post(self, event: ev.Event) -> None:
        self.events.append(event)
        match event:
            case ev.SentenceReady(_, text):
                self.story.append(f"ready: {text}")
            case _:
                self.story.append(type(event).__name__)

    def on_audio(self, reply: VoicedReply) -> None:
        assert reply is self.reply
        if reply.complete:
            self.story.append("complete")
        elif len(self.story) < 2 or self.story[-1] != "sound":
            self.story.append("sound")

    async def compose(self) -> VoicedReply:
        await self.replying.compose(self.reply, CONVERSATION)
        return self.reply


def compose(
    interviewer: FakeInterviewer, voice: FakeSynthesizer | None = None
) -> tuple[Recorder, VoicedReply]:
    """A whole reply in virtual time."""

    async def story() -> tuple[Recorder, VoicedReply]:
        recorder = Recorder(interviewer, voice)
        reply = await recorder.compose()
        assert interviewer.open == recorder.voice.open == 0, "an iterator was not closed"
        return recorder, reply

    return run_virtual(story())


def test_a_reply_becomes_voiced_sentences_in_order_and_ends_once() -> None:
    recorder, reply = compose(FakeInterviewer(THREE))
    assert [sentence.text for sentence in reply.sentences] == SENTENCES
    assert reply.text == " ".join(SENTENCES)
    assert recorder.story == [
        *[line for text in SENTENCES for line in (f"ready: {text}", "sound")],
        "complete",
        "ReplyEnded",
    ]
    begin = 0
    for sentence in reply.sentences:
        assert sentence.begin == begin
        assert sentence.end is not None
        assert sentence.end - begin == len(sentence.text.split()) * 7_200  # 300 ms a word
        begin = sentence.end
    assert reply.samples == begin
    assert reply.move == Move(MoveKind.ASK, "q1")
    assert reply.usage == Usage("fake-llm", 100, len(THREE.split()), 0.001)


def test_the_first_sentence_is_voiced_while_the_rest_is_still_being_written() -> None:
    async def story() -> None:
        interviewer = FakeInterviewer(Line(THREE, token_ms=200))
        recorder = Recorder(interviewer)
        task = asyncio.create_task(recorder.compose())
        await pass_ms(80 + 12 * 200)  # the first sentence is known with the word after it
        assert interviewer.open == 1
        assert recorder.story[0] == f"ready: {SENTENCES[0]}"
        assert len(recorder.reply.written) == 1
        await task
        latency = recorder.reply.latency
        stages = ["prepare", "first_token", "first_sentence", "first_audio"]
        assert sorted(stages, key=latency.__getitem__) == stages
        assert latency["first_audio"] < now_ms() - 2_000

    run_virtual(story())


def test_the_stages_are_stamped_in_session_time() -> None:
    _, reply = compose(FakeInterviewer(Line(SENTENCES[0], first_ms=100, token_ms=10)))
    latency = {stage: at - reply.latency["prepare"] for stage, at in reply.latency.items()}
    assert latency["first_token"] == pytest.approx(110, abs=1)
    assert latency["first_sentence"] == pytest.approx(100 + 10 * 7, abs=1)
    assert latency["first_audio"] == pytest.approx(100 + 70 + 60 + 5, abs=1)


def test_an_interviewer_that_fails_before_its_first_word_leaves_nothing() -> None:
    error = InterviewerError("The language model does not answer.")
    recorder, reply = compose(FakeInterviewer(Line(THREE, error=error)))
    assert recorder.events == [ev.ReplyFailed(3)]
    assert reply.complete
    assert (reply.samples, reply.text) == (0, "")


def test_an_interviewer_that_fails_later_has_what_it_wrote_voiced_to_its_end() -> None:
    error = InterviewerError("The language model broke off.")
    words_of_two_and_a_half = len(" ".join(SENTENCES[:2]).split()) + 3
    slow = FakeSynthesizer(speed=0.5)  # it is still at the first sentence when writing fails
    recorder, reply = compose(
        FakeInterviewer(Line(THREE, error=error, error_after=words_of_two_and_a_half)), slow
    )
    assert reply.written == SENTENCES[:2]
    assert [sentence.end for sentence in reply.sentences] == [7 * 7_200, 16 * 7_200]
    assert recorder.story[-2:] == ["complete", "ReplyFailed"]


def test_a_voice_that_fails_at_once_ends_the_writing_too() -> None:
    voice = FakeSynthesizer()
    voice.failing = {"interesting"}
    recorder, reply = compose(FakeInterviewer(Line(THREE, token_ms=500)), voice)
    assert recorder.events == [ev.ReplyFailed(3)]
    assert reply.complete
    assert reply.samples == 0
    assert reply.written == SENTENCES[:1]


def test_a_voice_that_fails_in_the_middle_leaves_a_sentence_without_an_end() -> None:
    voice = FakeSynthesizer()
    voice.failing, voice.failing_after = {"about"}, 4
    voice.error = SpeechRejected("The voice refuses this text.")
    recorder, reply = compose(FakeInterviewer(THREE), voice)
    assert [sentence.text for sentence in reply.sentences] == SENTENCES[:2]
    assert reply.sentences[0].end == reply.sentences[1].begin
    assert reply.sentences[1].end is None
    assert reply.samples == reply.sentences[1].begin + 4 * 2_400
    assert recorder.events[-1] == ev.ReplyFailed(3)


def test_a_reply_of_no_words_ends_without_a_sound() -> None:
    recorder, reply = compose(FakeInterviewer(Line("…", Move(MoveKind.HOLD, "q1"))))
    assert recorder.story == ["complete", "ReplyEnded"]
    assert reply.complete


def test_thrown_away_it_stops_writing_and_voicing_at_once() -> None:
    async def story() -> None:
        interviewer = FakeInterviewer(Line(THREE, token_ms=100))
        recorder = Recorder(interviewer)
        task = asyncio.create_task(recorder.compose())
        await pass_ms(80 + 9 * 100 + 30)  # in the middle of both
        assert (interviewer.open, recorder.voice.open) == (1, 1)
        task.cancel()
        await asyncio.wait([task])
        assert (interviewer.open, recorder.voice.open) == (0, 0)
        told = len(recorder.story)
        await pass_ms(5_000)
        assert len(recorder.story) == told
        assert not recorder.reply.complete

    run_virtual(story())


def test_a_voice_of_another_rate_is_brought_to_the_replies_own() -> None:
    _, reply = compose(FakeInterviewer(THREE), FakeSynthesizer(rate=16_000))
    words = len(THREE.split())
    assert reply.samples == pytest.approx(words * 7_200, abs=3)
    sound = from_bytes(reply.pcm).astype(float)[2_000:22_000]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert spectrum.argmax() * 24_000 / len(sound) == pytest.approx(440, abs=2)


def test_a_voice_of_another_rate_that_says_nothing_makes_no_sentence() -> None:
    recorder, reply = compose(FakeInterviewer(THREE), FakeSynthesizer(rate=16_000, word_ms=0))
    assert reply.sentences == []
    assert recorder.story == ["complete", "ReplyEnded"]


def test_what_the_question_expects_is_passed_on() -> None:
    recorder, _ = compose(FakeInterviewer(Line(THREE, Move(MoveKind.ASK, QUESTION.id))))
    assert recorder.events[-1] == ev.ReplyEnded(
        3, closing=False, expects=QUESTION.expects.value, answer_max_ms=180_000
    )
    recorder, _ = compose(FakeInterviewer(Line(THREE, Move(MoveKind.ASK, "unknown"))))
    assert recorder.events[-1] == ev.ReplyEnded(3, answer_max_ms=180_000)


def test_the_last_reply_says_that_it_closes() -> None:
    recorder, _ = compose(FakeInterviewer(closing()))
    assert recorder.events[-1] == ev.ReplyEnded(3, closing=True, answer_max_ms=180_000)


@pytest.mark.parametrize("where", ["interviewer", "voice"])
def test_an_error_of_the_program_is_not_taken_for_a_failure_of_a_provider(where: str) -> None:
    async def story() -> None:
        bug = RuntimeError("a bug")
        voice = FakeSynthesizer()
        if where == "voice":
            voice.failing, voice.error = {"interesting"}, bug
        interviewer = FakeInterviewer(Line(THREE, error=bug if where == "interviewer" else None))
        recorder = Recorder(interviewer, voice)
        with pytest.raises(ExceptionGroup) as caught:
            await recorder.compose()
        assert caught.value.exceptions == (bug,)
        assert recorder.events == []
        assert (interviewer.open, voice.open) == (0, 0)

    run_virtual(story())


def test_both_failing_is_one_failure() -> None:
    voice = FakeSynthesizer(first_ms=10)
    voice.failing = {"interesting"}
    assert isinstance(voice.error, SpeechError)
    error = InterviewerError("The language model broke off.")
    recorder, _ = compose(FakeInterviewer(Line(THREE, error=error, error_after=9)), voice)
    assert recorder.events == [ev.ReplyFailed(3)]


# --- a voice that breaks off in mid-sentence, with another behind it ------------------------------

VOICE_MS = 24
"""Samples a ms at VOICE_RATE."""


def broken_off(sent_ms: int) -> Recorder:
    """Compose THREE: the first voice breaks off in its second sentence, of which the listener was
    sent `sent_ms`."""

    async def story() -> Recorder:
        first, spare = FakeSynthesizer(), FakeSynthesizer(word_ms=250)
        first.model, spare.model = "first", "spare"
        first.failing, first.failing_after = {"did you do"}, 10
        chain = SynthesizerChain(
            [("far.internal", first), ("local", spare)], clock=asyncio.get_running_loop().time
        )
        recorder = Recorder(FakeInterviewer(Line(THREE)), chain=chain)
        recorder.reply.sent = sent_ms * VOICE_MS
        await recorder.compose()
        assert first.spoken == SENTENCES[:2]
        assert spare.spoken[:2] == SENTENCES[1:]
        return recorder

    return run_virtual(story())


FIRST_MS, SECOND_MS = 7 * 300, 9 * 250


def test_what_was_not_sent_of_a_voice_that_broke_off_is_never_heard() -> None:
    reply = broken_off(sent_ms=FIRST_MS - 500).reply
    second = reply.sentences[1]
    assert (second.begin, second.end) == (FIRST_MS * VOICE_MS, (FIRST_MS + SECOND_MS) * VOICE_MS)
    assert not second.broken_off
    assert [speaker.model for speaker in reply.speakers] == ["first", "spare"]
    assert [speaker.provider for speaker in reply.speakers] == ["far.internal", "local"]


@pytest.mark.parametrize("sent_ms", [FIRST_MS + 200, FIRST_MS + 900])
def test_a_sentence_that_was_begun_is_said_again_after_a_pause_and_is_on_record_once(
    sent_ms: int,
) -> None:
    recorder = broken_off(sent_ms)
    reply, second = recorder.reply, recorder.reply.sentences[1]
    again = sent_ms + BRIDGE_MS
    assert second.broken_off == [(FIRST_MS * VOICE_MS, sent_ms * VOICE_MS)]
    assert (second.begin, second.end) == (again * VOICE_MS, (again + SECOND_MS) * VOICE_MS)
    bridge = from_bytes(reply.pcm)[sent_ms * VOICE_MS : int(again) * VOICE_MS]
    assert not bridge.any()
    heard = [heard_text(reply, ms * VOICE_MS) for ms in range(0, reply.samples // VOICE_MS, 50)]
    for before, after in pairwise(heard):
        assert after.startswith(before)
    assert heard_text(reply, reply.samples) == THREE
    assert [event.text for event in recorder.events if isinstance(event, ev.SentenceReady)] == (
        SENTENCES
    )


def test_the_rest_of_the_reply_is_the_second_voice_s() -> None:
    reply = broken_off(sent_ms=FIRST_MS + 200).reply
    assert reply.failed_voices == ("far.internal (first)",)
    assert reply.sentences[2].end == reply.samples


def test_who_pauses_in_the_broken_half_goes_on_with_the_new_beginning() -> None:
    reply = broken_off(sent_ms=FIRST_MS + 900).reply
    second = reply.sentences[1]
    for ms in (100, 500, 899, 1_000):
        assert resume_position(reply, (FIRST_MS + ms) * VOICE_MS) == second.begin
