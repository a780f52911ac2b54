"""Speech that is transcribed while it is spoken: pieces, partial words, and what takes over."""

from collections.abc import Callable

import numpy as np
import pytest

from audio.pcm import ms_of
from audio.speech import SPEECH_RATE, SpeechRejected
from sessions.listening.listener import PRE_ROLL_MS, UNWANTED_MS
from sessions.listening.streamed_speech import COMMIT_WITHIN_S, is_short
from sessions.listening.transcription import WORDS_WITHIN_S
from sessions.listening.utterance_transcript import CUT_SEARCH_MS, FORCE_SEGMENT_MS
from sessions.turntaking import events as ev
from tests.fakes.fake_speech import FakeTranscriber, unavailable
from tests.sessions.conftest import Said
from tests.sessions.fake_stream import FakeStream, FakeStreaming
from tests.sessions.listening.microphone_hall import Room, breathless, joined, voice_span_ms
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

ANSWER = "Fifteen people worked on the search engine."
MORE = "And I was one of them."
LONG = "We built a search engine for recipes, and I was responsible for the ranking service."


def streamed(says: str = ANSWER, *, partials: bool = False, live: bool = False) -> Room:
    """A room whose candidate is heard by a stream; what the segment transcriber says is marked."""
    room = Room(
        FakeTranscriber("From the tape."),
        live=live,
        streaming=FakeStreaming(says, partials=partials),
    )
    room.open()
    return room


def stream_of(room: Room) -> FakeStreaming:
    """The streaming transcriber of a room."""
    line = room.listener.streamed._stream
    assert isinstance(line, FakeStream)
    return line.owner


def test_an_answer_goes_up_while_it_is_spoken_and_is_committed_at_the_pause(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        stream = stream_of(room)
        (line,) = stream.lines
        assert tuple(stream.terms) == ("Kubernetes",)
        await pass_ms(2_000)
        assert line.open_sound.size == 0, "silence is not sent"
        sound = said(ANSWER)
        room.microphone.start(sound)
        await room.next(ev.SpeechStarted)
        await pass_ms(1_000)
        sent_ms = ms_of(line.open_sound.size, SPEECH_RATE)
        assert 1_000 < sent_ms < 1_000 + PRE_ROLL_MS + 200, "as it is spoken, with its pre-roll"
        await pass_ms(ms_of(sound.size, SPEECH_RATE) - 1_000)
        asked = now_ms()
        assert (await room.words(1, 1)).text == ANSWER
        assert now_ms() - asked == pytest.approx(600, abs=5)
        begin, end = voice_span_ms(sound)
        assert ms_of(line.pieces[0].size, SPEECH_RATE) > end - begin + PRE_ROLL_MS / 2
        assert room.transcriber.heard == [], "nobody else is asked"
        assert room.listener.model == "fake-stream"
        room.listener.drop()
        await pass_ms(3_000)
        assert line.open_sound.size == 0
        room.close()
        await room.listener.streamed.close()
        assert line.closed

    run_virtual(story())


def test_resumed_speech_is_another_piece_whose_words_follow(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        stream = stream_of(room)
        stream.answers.extend([ANSWER, MORE])
        stream.latencies.append(1_800)  # the first words come while the second piece is spoken
        await room.say_and_pause(said(ANSWER))
        room.listener.finish(1, 1)
        await room.say_and_pause(said(MORE))
        room.listener.finish(1, 2)
        while (final := await room.next(ev.TranscriptFinal)).attempt != 2:
            room.events.clear()
        assert final.text == f"{ANSWER} {MORE}"
        assert len(stream.lines[0].pieces) == 2
        assert room.transcriber.heard == []
        room.close()

    run_virtual(story())


def test_the_words_of_a_superseded_request_are_not_lost(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        stream = stream_of(room)
        stream.answers.extend(["One.", "Two.", "Three."])
        stream.latencies.extend([1_900, 100, 100])
        for attempt, text in enumerate(("One, I said.", "Two of them.", "Three of them."), 1):
            await room.say_and_pause(said(text), 150)
            room.listener.finish(1, attempt)
        final = await room.next(ev.TranscriptFinal)
        while final.attempt != 3:
            room.events.clear()
            final = await room.next(ev.TranscriptFinal)
        assert final.text == "One. Two. Three."
        assert room.transcriber.heard == []
        room.close()

    run_virtual(story())


def fails(stream: FakeStreaming) -> None:
    """The line is broken."""
    stream.answers.append(unavailable())


def is_refused(stream: FakeStreaming) -> None:
    """The provider does not want the piece."""
    stream.answers.append(SpeechRejected("The provider refuses this."))


def is_late(stream: FakeStreaming) -> None:
    """The words take too long."""
    stream.latencies.append(60_000)


def is_cut_off(stream: FakeStreaming) -> None:
    """The deltas stop in the middle, without an error."""
    stream.answers.append("Fif")


def is_empty(stream: FakeStreaming) -> None:
    """No words come at all."""
    stream.answers.append("")


@pytest.mark.parametrize("trouble", [fails, is_refused, is_late, is_cut_off, is_empty])
def test_a_piece_that_the_stream_does_not_understand_is_transcribed_from_the_tape(
    trouble: Callable[[FakeStreaming], None], said: Said
) -> None:
    async def story() -> None:
        room = streamed(MORE)
        stream = stream_of(room)
        trouble(stream)
        await room.say_and_pause(said(ANSWER))
        asked = now_ms()
        assert (await room.words(1, 1)).text == "From the tape."
        assert now_ms() - asked < COMMIT_WITHIN_S * 1000 + 200
        (heard,) = room.transcriber.heard
        assert np.array_equal(heard, stream.lines[0].pieces[0]), "the very sound that was streamed"
        assert "Kubernetes" in room.transcriber.prompts[0]
        await room.say_and_pause(said(MORE))
        assert (await room.words(1, 2)).text == f"From the tape. {MORE}", "the stream goes on"
        assert len(room.transcriber.heard) == 1
        room.close()

    run_virtual(story())


def test_words_that_nobody_has_in_time_come_late(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        stream = stream_of(room)
        await room.say_and_pause(said(ANSWER))
        await room.words(1, 1)
        room.listener.keep()
        stream.answers.append(unavailable())
        room.transcriber.latency_ms = WORDS_WITHIN_S * 1000 + 3_000
        await room.say_and_pause(said(MORE))
        final = await room.words(1, 2)
        assert (final.text, final.short) == (ANSWER, True)
        late = await room.next(ev.LateWords)
        assert (late.attempt, late.text) == (2, "From the tape.")
        room.close()

    run_virtual(story())


def test_what_fails_everywhere_is_asked_for_again_with_what_is_known(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        stream = stream_of(room)
        stream.answers.append(unavailable())
        room.transcriber.answers.append(unavailable())
        await room.say_and_pause(said(ANSWER))
        room.listener.finish(1, 1)
        await room.next(ev.TranscriptFailed)
        stream.says = MORE
        await room.say_and_pause(said(MORE))
        assert (await room.words(1, 2)).text == f"From the tape. {MORE}"
        room.close()

    run_virtual(story())


def test_what_was_no_speech_is_discarded(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        (line,) = stream_of(room).lines
        await room.say_and_pause(said("Hm."))
        assert line.open_sound.size
        room.listener.drop()
        await pass_ms(100)
        assert line.open_sound.size == 0
        assert line.pieces == []
        await room.say_and_pause(said("Hm."), UNWANTED_MS + 200)
        assert line.open_sound.size == 0, "words that nobody has asked for belong to no turn"
        room.close()

    run_virtual(story())


def test_speech_that_goes_on_when_the_utterance_is_dropped_belongs_to_the_next(said: Said) -> None:
    async def story() -> None:
        room = streamed(MORE)
        (line,) = stream_of(room).lines
        await room.say_and_pause(said(ANSWER))
        await room.words(1, 1)
        room.microphone.start(said(MORE))
        await room.next(ev.SpeechStarted, skip=len(room.of(ev.SpeechStarted)))
        room.listener.drop()
        await pass_ms(2_500)
        assert (await room.words(2, 2)).text == MORE
        begin, end = voice_span_ms(said(MORE))
        assert ms_of(line.pieces[1].size, SPEECH_RATE) > end - begin
        assert room.transcriber.heard == []
        room.close()

    run_virtual(story())


def test_words_owed_after_a_drop_are_asked_for_from_the_stream(said: Said) -> None:
    async def story() -> None:
        room = streamed(MORE)
        (line,) = stream_of(room).lines
        await room.say_and_pause(said(ANSWER))
        await room.words(1, 1)
        room.listener.words_owed = True
        await room.say_and_pause(said(MORE))
        room.listener.drop()
        await pass_ms(200)
        assert (await room.words(2, 2)).text == MORE
        begin, end = voice_span_ms(said(MORE))
        assert ms_of(line.pieces[1].size, SPEECH_RATE) > end - begin
        room.close()

    run_virtual(story())


def test_partial_words_are_captions_and_are_judged_without_the_last_while_the_voice_sounds(
    said: Said,
) -> None:
    async def story() -> None:
        room = streamed(LONG, partials=True, live=True)
        judged: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        post = room.listener._post

        def note(event: ev.Event) -> None:
            if isinstance(event, ev.TranscriptPartial):
                detector = room.listener._detector
                sounds = detector.speaking and detector.silence_start is None
                judged[sounds].append((event.text, room.shown[-1][1].text))
            post(event)

        room.listener._post = note
        await room.microphone.say(said(LONG))
        assert judged[True], "it is judged while they speak"
        for text, shown in judged[True]:
            assert text == shown.rpartition(" ")[0], "half a word is shown, not judged"
        assert judged[False], "where the voice falters the last word is whole"
        assert all(text == shown for text, shown in judged[False])
        assert all(LONG.startswith(text) for texts in judged.values() for text, _ in texts)
        await pass_ms(300)
        await room.words(1, 1)
        assert room.interims._interims == set()
        assert room.transcriber.heard == []
        assert room.captions[-1] == (1, LONG)
        room.close()

    run_virtual(story())


def test_partial_words_follow_those_of_earlier_pieces_and_tell_the_tail(said: Said) -> None:
    async def story() -> None:
        room = streamed(ANSWER, partials=True)
        stream = stream_of(room)
        stream.answers.append(ANSWER)
        stream.says = MORE
        await room.say_and_pause(said(ANSWER))
        await room.words(1, 1)
        room.listener.keep()
        room.events.clear()
        await room.microphone.say(said(MORE))
        partial = room.of(ev.TranscriptPartial)[-1]
        assert partial.text.startswith(f"{ANSWER} And")
        assert partial.new_words.startswith("And")
        assert room.shown[-1][1].text == ANSWER, "without live captions none are shown"
        room.listener.reopen()
        await pass_ms(300)
        final = await room.words(1, 2)
        assert (final.text, final.tail) == (f"{ANSWER} {MORE}", None)
        assert len(stream.lines[0].pieces) == 2, "what was understood is not sent again"
        room.close()

    run_virtual(story())


def test_words_in_the_midst_of_speech_leave_the_piece_whole(said: Said) -> None:
    async def story() -> None:
        room = streamed(LONG)
        (line,) = stream_of(room).lines
        room.microphone.start(said(LONG))
        await room.next(ev.SpeechStarted)
        await pass_ms(1_500)
        assert (await room.words(1, 1)).text == "From the tape."
        assert line.pieces == []
        await pass_ms(ms_of(said(LONG).size, SPEECH_RATE))
        assert (await room.words(1, 2)).text == LONG
        begin, end = voice_span_ms(said(LONG))
        assert ms_of(line.pieces[0].size, SPEECH_RATE) > end - begin
        room.close()

    run_virtual(story())


def test_an_answer_without_a_pause_is_committed_piece_by_piece(said: Said) -> None:
    async def story() -> None:
        room = streamed("So it went on and on, and on and on, and on and on and on and on.")
        stream = stream_of(room)
        talk = breathless(joined(*([said(LONG)] * 14)))
        await room.say_and_pause(talk)
        final = await room.words(1, 1)
        (line,) = stream.lines
        lengths = [ms_of(piece.size, SPEECH_RATE) for piece in line.pieces]
        assert len(lengths) >= 2
        assert max(lengths) <= FORCE_SEGMENT_MS + CUT_SEARCH_MS + 500
        sent = np.concatenate(line.pieces)
        assert sent.size >= talk.size, "nothing is left out between two pieces"
        assert final.text == " ".join([stream.says] * len(lengths)) or room.transcriber.heard
        room.close()

    run_virtual(story())


def test_a_leg_that_is_lost_in_the_middle_of_a_word_loses_none_of_the_stream(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        (line,) = stream_of(room).lines
        room.microphone.start(said(ANSWER))
        await room.next(ev.SpeechStarted)
        await pass_ms(1_200)
        room.close()
        assert (await room.words(1, 1)).text == ANSWER
        assert ms_of(line.pieces[0].size, SPEECH_RATE) > 1_200
        await pass_ms(3_000)

    run_virtual(story())


@pytest.mark.parametrize(
    ("text", "speech_ms", "short"),
    [
        ("", 500, False),  # a breath
        ("", 1_000, True),
        ("No.", 1_260, False),
        ("Fifteen people worked on it.", 3_000, False),
        ("Fif", 3_000, True),
        ("Fifteen people", 8_000, True),
    ],
)
def test_a_text_is_short_that_cannot_be_all_that_was_said(
    text: str, speech_ms: float, short: bool
) -> None:
    assert is_short(text, speech_ms) is short


def test_a_second_request_in_the_same_pause_adds_nothing(said: Said) -> None:
    async def story() -> None:
        room = streamed()
        await room.say_and_pause(said(ANSWER))
        assert (await room.words(1, 1)).text == ANSWER
        await pass_ms(500)
        assert (await room.words(1, 2)).text == ANSWER
        assert room.transcriber.heard == []
        room.close()

    run_virtual(story())


def test_a_session_without_a_stream_opens_no_line() -> None:
    async def story() -> None:
        room = Room()
        assert not room.listener.streamed.active
        await room.listener.streamed.close()

    run_virtual(story())
