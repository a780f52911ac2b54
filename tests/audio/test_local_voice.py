"""The local voice: real hibari, whatever the text."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pytest_mock import MockerFixture

from audio.local_voice import (
    FADE_MS,
    LEAD_MS,
    MAX_PIECE_CHARS,
    SILENCE_AMPLITUDE,
    TAIL_MS,
    VOICE_RATE,
    LocalVoice,
    speakable,
)
from audio.pcm import FULL_SCALE, from_bytes
from audio.speech import SpeechRejected


@pytest.fixture(scope="module")
async def voice(real_models: None) -> AsyncIterator[LocalVoice]:
    voice = LocalVoice()
    await voice.warm_up()
    yield voice
    await voice.close()


async def pieces_of(voice: LocalVoice, text: str) -> list[NDArray[np.int16]]:
    return [from_bytes(piece) async for piece in voice.speak(text)]


async def test_a_sentence_becomes_sound_of_a_plausible_length(voice: LocalVoice) -> None:
    (sound,) = await pieces_of(voice, "What did you build in your last job?")
    assert voice.sample_rate == VOICE_RATE
    assert voice.model == "hibari/heart"
    assert 1.2 < sound.size / VOICE_RATE < 3.5
    assert 0.1 * FULL_SCALE < np.abs(sound.astype(int)).max() < 0.9 * FULL_SCALE


def pitch_hz(sound: NDArray[np.int16]) -> float:
    """Where the whole sound is most like itself a little later, between 80 and 400 Hz."""
    power = np.abs(np.fft.rfft(sound.astype(float), 2 * sound.size)) ** 2
    likeness = np.fft.irfft(power)
    first, last = VOICE_RATE // 400, VOICE_RATE // 80
    return VOICE_RATE / (first + int(likeness[first:last].argmax()))


async def test_a_slower_voice_takes_longer_and_is_no_deeper(voice: LocalVoice) -> None:
    text = "Please tell me about a bug or an outage that was hard to find."
    (usual,) = await pieces_of(voice, text)
    (slow,) = [from_bytes(piece) async for piece in voice.speak(text, speed=0.7)]
    assert 1.25 < slow.size / usual.size < 1.55
    assert abs(pitch_hz(slow) / pitch_hz(usual) - 1) < 0.1


async def test_sentences_come_piece_by_piece(voice: LocalVoice) -> None:
    assert len(await pieces_of(voice, "Thank you. What came next? I see!")) == 3


async def test_the_same_text_sounds_the_same(voice: LocalVoice) -> None:
    first, second = [await pieces_of(voice, "Please go on. I listen.") for _ in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


async def test_edges_fade_and_hold_little_silence(voice: LocalVoice) -> None:
    fade = FADE_MS * VOICE_RATE // 1000
    for sound in await pieces_of(voice, "Aha. Easy. Stop. Zoo. Oh, and why?"):
        assert sound[0] == 0
        assert sound[-1] == 0
        assert np.abs(sound[:fade].astype(int)).max() < 0.05 * FULL_SCALE
        assert np.abs(sound[-fade:].astype(int)).max() < 0.05 * FULL_SCALE
        loud = np.flatnonzero(np.abs(sound.astype(int)) > SILENCE_AMPLITUDE * FULL_SCALE)
        assert loud[0] <= (LEAD_MS + FADE_MS) * VOICE_RATE // 1000
        assert sound.size - loud[-1] <= (TAIL_MS + FADE_MS) * VOICE_RATE // 1000


@pytest.mark.parametrize("text", ["", "   \n", "😀", "...", "?!", "—", "\x00\x07", "###", "\ud800"])
async def test_text_without_a_word_gives_no_sound(voice: LocalVoice, text: str) -> None:
    assert await pieces_of(voice, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Great 😀👩‍💻 job!",
        "\"Quoted\" and 'single' — with dashes… and (parens) [brackets] {x}",
        "9" * 400,
        "1" + "0" * 36 + ".5 and $" + "9" * 50,
        "3.14159, 1/2, 50%, $1,000,000.00, 12:30pm, 2024-01-02, 10^6, -40°C",
        "See https://example.com/a?b=c&d=1#e, http://[::1 and www.example.org.",
        "a" * 900,
        "Don’t “quote” ‘this’; İstanbul ß ﬁ Ω≈ç√ ٣٤ ½ ① ñandú",
        "C++, C#, Node.js, K8s, snake_case, 2>&1, <b>bold</b> &amp; **bold** `code`",
        "日本語 and English",
        "[this](/ˈnɑt ə wˈɜɹd/) [is](https://example.com) a link",
    ],
)
async def test_odd_text_is_spoken_without_an_error(voice: LocalVoice, text: str) -> None:
    sounds = await pieces_of(voice, text)
    assert sounds
    assert all(sound.size for sound in sounds)


async def test_a_very_long_sentence_comes_in_pieces(voice: LocalVoice) -> None:
    text = "I would like to hear, in your own words, what you did then, " * 12
    sounds = await pieces_of(voice, text)
    assert len(sounds) == -(-len(text) // MAX_PIECE_CHARS)
    assert max(sound.size for sound in sounds) < 25 * VOICE_RATE


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("See [our page](https://example.com/x) **now**.", "See our page now."),
        ("See https://www.example.com/a/b?c=d.", "See example.com."),
        ("- first\n- second", "first\nsecond"),
        ("## Title", "Title"),
        ("<b>R&amp;D</b>", "R&D"),
        ("Use `pip` and *care*.", "Use pip and care."),
        ("snake_case and 3*4", "snake_case and 3*4"),
        ("call 1234567890123", "call 1 2 3 4 5 6 7 8 9 0 1 2 3"),
        ("I am 😀.", "I am  ."),
        ("Oh no. I see.", "Oh no . I see."),
        ("It is in no. 5.", "It is in no. 5."),
        ("cafe\u0301", "café"),
    ],
)
def test_markup_is_not_read_out(written: str, said: str) -> None:
    assert speakable(written) == said


@given(st.text(max_size=200))
def test_any_text_can_be_made_speakable(text: str) -> None:
    plain = speakable(text)
    assert plain == "" or any(char.isalnum() for char in plain)


async def test_what_the_reader_cannot_read_is_read_more_plainly(
    voice: LocalVoice, mocker: MockerFixture
) -> None:
    hibari = await voice._pool.run(voice._load)
    read = type(hibari).__call__
    seen: list[str] = []

    def stumbling(self: object, text: str, **options: object) -> NDArray[np.float32]:
        seen.append(text)
        if "§" in text:
            raise KeyError("§")
        sound: NDArray[np.float32] = read(self, text, **options)
        return sound

    mocker.patch.object(type(hibari), "__call__", stumbling)
    assert len(await pieces_of(voice, "See § 5 of it.")) == 1
    assert len(seen) == 2
    mocker.patch.object(type(hibari), "__call__", side_effect=KeyError)
    assert await pieces_of(voice, "Nothing at all can be read.") == []


@pytest.mark.usefixtures("real_models")
async def test_an_unknown_voice_is_refused_with_the_known_ones() -> None:
    voice = LocalVoice("nobody")
    with pytest.raises(SpeechRejected, match=r"no local voice 'nobody'.*heart, emma"):
        await voice.warm_up()
    with pytest.raises(SpeechRejected):
        await anext(voice.speak("Hello."))
    await voice.close()


@pytest.mark.usefixtures("real_models")
async def test_a_voice_that_cannot_be_fetched_says_what_to_do(mocker: MockerFixture) -> None:
    mocker.patch("hibari.tts.voice_path", side_effect=RuntimeError("no route to host"))
    voice = LocalVoice("emma")
    with pytest.raises(SpeechRejected, match=r"'emma' cannot be loaded.*heart is included"):
        await voice.warm_up()
    await voice.close()
