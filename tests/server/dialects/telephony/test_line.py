"""A line: whole frames out, filled with silence at the end, and nothing left of another run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.g711 import alaw_decode, ulaw_decode
from audio.pcm import AudioFormat, AudioFormatError, Encoding
from server.dialects.dialect import DialectError
from server.dialects.telephony.line import TelephoneLine, bytes_of
from sessions.leg import FlushDone, MarkReached, PlayedTo

ULAW = AudioFormat(8_000, Encoding.ULAW)
FORMATS = [ULAW, AudioFormat(8_000, Encoding.ALAW), AudioFormat(16_000), AudioFormat(24_000)]


@given(st.sampled_from(FORMATS), st.lists(st.integers(0, 4_000), max_size=12))
def test_however_sound_comes_it_goes_in_whole_frames(wire: AudioFormat, pieces: list[int]) -> None:
    line = TelephoneLine(wire)
    line.begin(1, 0)
    sent = [line.encode(bytes(2 * samples))[0] for samples in pieces]
    sent.append(line.finish(1)[0])
    assert all(len(data) % bytes_of(wire) == 0 for data in sent)
    wanted = sum(pieces) * wire.sample_rate // 24_000 * wire.bytes_per_sample
    assert 0 <= sum(map(len, sent)) - wanted + 4 <= bytes_of(wire) + 8


@pytest.mark.parametrize("wire", FORMATS)
def test_a_silent_end_is_silent(wire: AudioFormat) -> None:
    decode = {Encoding.ULAW: ulaw_decode, Encoding.ALAW: alaw_decode}.get(wire.encoding)
    if decode is not None:
        assert abs(int(decode(TelephoneLine(wire).silence)[0])) <= 8
    else:
        assert TelephoneLine(wire).silence == b"\x00"


@pytest.mark.parametrize("size", [0, -2, 321])
def test_a_frame_holds_whole_samples(size: int) -> None:
    with pytest.raises(AudioFormatError):
        TelephoneLine(AudioFormat(16_000), frame_bytes=size)


def test_sound_of_more_than_three_seconds_at_once_is_a_mistake() -> None:
    line = TelephoneLine(ULAW)
    with pytest.raises(DialectError):
        line.receive(bytes(24_001))
    assert len(line.receive(bytes(24_000))) > 47_000


def test_after_a_flush_nothing_is_left_of_what_was_being_said() -> None:
    line = TelephoneLine(ULAW)
    line.begin(1, 0)
    line.encode(b"\x11\x22" * 1_000)
    name = line.flush(1)
    assert line.reached(name) == FlushDone(1, 0)
    line.begin(2, 0)
    data, mark = line.finish(2)
    assert (data, line.reached(mark)) == (b"", MarkReached(2))


def test_a_mark_is_set_every_200_ms_of_what_went_out() -> None:
    line = TelephoneLine(ULAW)
    line.begin(1, 0)
    marks = [name for _ in range(10) if (name := line.encode(bytes(4_800))[1]) is not None]
    assert len(marks) in (4, 5)
    first = line.reached(marks[0])
    assert isinstance(first, PlayedTo)
    assert 4_800 <= first.samples <= 2 * 4_800
