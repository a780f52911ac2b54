"""The gate in front of a voice's sound: nothing goes out before its words agree."""

from hypothesis import given
from hypothesis import strategies as st

from audio.providers.sound_gate import FASTEST_PER_S, LEAST_BYTES, SoundGate
from audio.speech import VOICE_RATE

SECOND = bytes(2 * VOICE_RATE)


def test_sound_without_words_stays_in() -> None:
    gate = SoundGate(50.0)
    gate.add(SECOND)
    assert gate.take() == b""


def test_sound_goes_out_as_far_as_the_words_reach_when_read_fast() -> None:
    gate = SoundGate(100.0)
    gate.agree(14.0, complete=False)
    gate.add(SECOND)
    assert len(gate.take()) == len(SECOND) * 14.0 // FASTEST_PER_S
    gate.agree(28.0, complete=False)
    assert len(gate.take()) == len(SECOND) // 2
    assert gate.take() == b""


def test_all_goes_out_once_the_whole_text_came_ahead_of_its_sound() -> None:
    gate = SoundGate(30.0)
    gate.agree(30.0, complete=True)
    for _ in range(3):
        gate.add(SECOND)
        assert gate.take() == SECOND


def test_sound_that_came_before_its_words_waits_for_their_end() -> None:
    gate = SoundGate(30.0)
    gate.add(SECOND)
    gate.add(SECOND)
    gate.agree(30.0, complete=True)
    assert len(gate.take()) < 2 * len(SECOND)
    gate.end()
    assert gate.take()
    assert gate.take() == b""


def test_sound_that_is_much_longer_than_its_text_is_noticed() -> None:
    gate = SoundGate(20.0)
    gate.agree(20.0, complete=True)
    for _ in range(10):
        gate.add(SECOND)
    assert not gate.too_long
    gate.add(SECOND)
    assert gate.too_long


@given(st.lists(st.binary(max_size=5_000), max_size=20), st.data())
def test_what_goes_out_is_what_came_in_whole_samples(
    chunks: list[bytes], data: st.DataObject
) -> None:
    gate = SoundGate(50.0)
    out = []
    for chunk in chunks:
        gate.agree(data.draw(st.floats(0, 50)), complete=data.draw(st.booleans()))
        gate.add(chunk)
        out.append(gate.take())
    gate.end()
    out.append(gate.take())
    whole = b"".join(chunks)
    assert b"".join(out) == whole[: len(whole) // 2 * 2]
    assert all(len(piece) % 2 == 0 for piece in out)
    assert all(len(piece) >= LEAST_BYTES for piece in out[:-1] if piece)
