"""A Realtime voice with another behind it: what it does not read is said again."""

from collections.abc import Callable

import pytest

from audio.providers.synthesizer_chain import SynthesizerChain
from audio.speech import SpokenFacts
from tests.audio.providers.realtime_voice.adapter import MODEL, TEXT, sound_of, voice
from tests.fakes.voices import SpokenPieces
from tests.support import realtime_voice_socket as modes
from tests.support.openai_double import OpenAIDouble, tone

SPARE = tone(300, hz=440.0)


def of_the_last_words(text: str) -> str:
    return " ".join([*text.split()[:-1], "cats?"])


@pytest.mark.parametrize(
    "says", [modes.answers, modes.precedes, modes.rewords, modes.adds, of_the_last_words]
)
async def test_a_sentence_that_is_not_read_is_said_by_the_next_voice(
    double: OpenAIDouble, says: Callable[[str], str]
) -> None:
    double.voice.says = says
    reader, spare = voice(double), SpokenPieces(SPARE)
    chain = SynthesizerChain([("far.internal", reader), ("local", spare)])
    facts = SpokenFacts()
    pieces: dict[int, bytes] = {}
    async for piece in chain.speak(TEXT, facts=facts):
        pieces[facts.begun_again] = pieces.get(facts.begun_again, b"") + piece
    assert pieces[facts.begun_again][-len(SPARE) // 2 :] == SPARE[-len(SPARE) // 2 :]
    if facts.begun_again:
        assert sound_of(says(TEXT)).startswith(pieces[0][:1_000])
    assert (facts.model, facts.said) == ("spoken pieces", None)
    assert reader.departures == 1
    double.voice.says = modes.contracts
    facts = SpokenFacts()
    assert [piece async for piece in chain.speak(TEXT, facts=facts)]
    assert (facts.model, facts.said) == (MODEL, modes.contracts(TEXT))
    await chain.close()
