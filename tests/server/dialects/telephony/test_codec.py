"""What the telephone's dialects share: codecs and resamplers, and positions told by marks."""

import numpy as np
import pytest

from audio.g711 import ulaw_decode
from audio.pcm import AudioFormat, Encoding
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.telephony.codec import MARK_EVERY, PlaybackMarks, Receiver, Transmitter
from sessions.leg import FlushDone, MarkReached, PlayedTo

ULAW = AudioFormat(8_000, Encoding.ULAW)
FORMATS = [ULAW, AudioFormat(8_000, Encoding.ALAW), AudioFormat(8_000), AudioFormat(16_000)]


def tone(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> np.ndarray:
    """A sine at a quarter of full scale."""
    moments = np.arange(round(rate * seconds)) / rate
    return (8_000 * np.sin(2 * np.pi * hertz * moments)).astype(np.int16)


class TestSound:
    @pytest.mark.parametrize("wire", [*FORMATS, AudioFormat(24_000)])
    def test_a_tone_goes_out_and_comes_in_again(self, wire: AudioFormat) -> None:
        out, back = Transmitter(wire), Receiver(wire)
        sound = tone(VOICE_RATE).astype("<i2").tobytes()
        sent = b"".join(out.encode(sound[at : at + 4_800]) for at in range(0, len(sound), 4_800))
        sent += out.finish()
        assert out.voice_samples(sent) == pytest.approx(VOICE_RATE, abs=6)
        heard = np.concatenate(
            [back.decode(sent[at : at + 320]) for at in range(0, len(sent), 320)]
        )
        assert len(heard) > 0.95 * SPEECH_RATE
        middle = slice(1_000, len(heard) - 1_000)
        shifted = [np.roll(tone(SPEECH_RATE)[: len(heard)], by)[middle] for by in range(-8, 9)]
        errors = [np.std(heard[middle].astype(float) - wanted) for wanted in shifted]
        assert min(errors) < 0.1 * 8_000, "within half a millisecond it is the same tone"

    def test_a_new_run_hears_nothing_of_the_last_one(self) -> None:
        out = Transmitter(ULAW)
        out.encode(tone(VOICE_RATE, 0.1).tobytes())
        out.begin()
        silence = out.encode(bytes(4_800)) + out.finish()
        assert not ulaw_decode(silence).any()


class TestMarks:
    def test_a_returned_mark_is_a_position(self) -> None:
        marks = PlaybackMarks()
        marks.begin(3, 0)
        assert marks.sent(MARK_EVERY // 2) is None
        first = marks.sent(MARK_EVERY // 2)
        second = marks.sent(MARK_EVERY)
        assert first is not None
        assert second is not None
        last = marks.end(3)
        assert marks.reached(first) == PlayedTo(3, MARK_EVERY)
        assert marks.reached(second) == PlayedTo(3, 2 * MARK_EVERY)
        assert marks.reached(last) == MarkReached(3)

    def test_marks_that_come_twice_late_or_from_nowhere_mean_nothing(self) -> None:
        marks = PlaybackMarks()
        marks.begin(1, 0)
        first, second = marks.sent(MARK_EVERY), marks.sent(MARK_EVERY)
        assert first is not None
        assert second is not None
        assert marks.reached(second) == PlayedTo(1, 2 * MARK_EVERY)
        assert marks.reached(second) is None
        assert marks.reached(first) is None  # overtaken
        assert marks.reached("404") is None
        assert marks.reached("") is None

    def test_marks_that_a_flush_returns_were_not_heard(self) -> None:
        marks = PlaybackMarks()
        marks.begin(5, 0)
        names = [marks.sent(MARK_EVERY) for _ in range(4)]
        assert marks.reached(names[0] or "") == PlayedTo(5, MARK_EVERY)
        silent = marks.flush(5)
        assert [marks.reached(name or "") for name in names[1:]] == [None, None, None]
        assert marks.reached(silent) == FlushDone(5, MARK_EVERY)
        assert marks.reached(silent) is None

    def test_where_marks_are_lost_the_flush_is_told_all_the_same(self) -> None:
        marks = PlaybackMarks()
        marks.begin(5, 0)
        marks.sent(MARK_EVERY)
        assert marks.reached(marks.flush(5)) == FlushDone(5, 0)

    def test_a_peer_that_says_so_itself_needs_no_mark(self) -> None:
        marks = PlaybackMarks()
        marks.begin(5, 0)
        marks.flush(5)
        assert marks.flushed() == FlushDone(5, 0)
        assert marks.flushed() is None

    def test_a_run_that_goes_on_counts_from_where_it_was_cut(self) -> None:
        marks = PlaybackMarks()
        marks.begin(5, 0)
        heard = marks.sent(MARK_EVERY)
        marks.reached(heard or "")
        marks.reached(marks.flush(5))
        marks.begin(5, 4_000)  # the beginning of the word
        again = marks.sent(MARK_EVERY)
        assert marks.reached(again or "") == PlayedTo(5, 4_000 + MARK_EVERY)

    def test_what_was_heard_of_another_generation_is_not_told(self) -> None:
        marks = PlaybackMarks()
        marks.begin(5, 0)
        marks.reached(marks.sent(MARK_EVERY) or "")
        marks.begin(6, 0)
        assert marks.reached(marks.flush(6)) == FlushDone(6, 0)
