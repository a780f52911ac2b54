"""The provider of the benches, a process of its own: the OpenAI double with a chain's latencies.

`python -m bench.live.provider FOLDER CHAIN`: FOLDER keeps the utterances, CHAIN is a `Chain` as
JSON. It prints its address as a line of JSON, and ends when its standard input does.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import uvloop

from audio.speech import SpokenFacts
from bench.live.chain import Chain, Latencies
from bench.live.children import report_ready, until_stdin_ends
from bench.live.live_words import LiveWords
from bench.live.utterances import Recogniser, utterances
from tests.support.faulty_replies import sleep_until
from tests.support.openai_double import (
    CHUNK_BYTES,
    MS_PER_CHARACTER,
    VOICE_RATE,
    Message,
    OpenAIDouble,
    TranscriptionRequest,
    tone,
)

REAL_TIMES = 5
"""Speech comes this many times faster than it is spoken, 100 ms at a time: a remote service streams
what it makes, and the server has to take it in while it speaks."""

HEADER = "[[ask {question}]] "
"""Two tokens, as the interviewer's models are asked to begin."""

FIRST_SENTENCES = (
    "Thank you for that, and how did your work change?",
    "I see, thank you, so what was done about it?",
    "All right, thank you, and who else was part then?",
    "Good to know, and why did you decide on it?",
)
"""Ten words each: with the header, and the token that shows that the sentence is over, 13. Three of
four begin as the prompt asks models to."""

LAST_SENTENCE = " Please tell me about it in a few words."

LONGEST_CHARS = 300


class ToneVoice:
    """Synthesizer of the double: a tone as long as the text, streamed.

    Audible from its first millisecond on.
    """

    model = "tone"
    sample_rate = VOICE_RATE

    def __init__(self, on_begin: Callable[[], None] = lambda: None) -> None:
        self._sound = tone(LONGEST_CHARS * MS_PER_CHARACTER)
        self._on_begin = on_begin

    async def warm_up(self) -> None:
        """Load nothing."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the tone, 100 ms a piece."""
        length = min(len(text), LONGEST_CHARS) * MS_PER_CHARACTER * VOICE_RATE // 1000 * 2
        self._on_begin()
        began = asyncio.get_running_loop().time()
        for number, at in enumerate(range(0, length, CHUNK_BYTES)):
            await sleep_until(began + number * 0.1 / REAL_TIMES)
            yield self._sound[at : min(at + CHUNK_BYTES, length)]

    async def close(self) -> None:
        """Close nothing."""


def first_sentence_tokens() -> int:
    """Count the tokens of a reply up to the one that shows that its first sentence is over: the
    first of the next, since a word's token begins with the space in front of it, as those of models
    do."""
    counts = {len(re.findall(r"\S+", HEADER + sentence)) for sentence in FIRST_SENTENCES}
    if len(counts) != 1:
        raise ValueError("The first sentences differ in length.")
    return counts.pop() + 1


def reply_to(messages: list[Message]) -> str:
    """Return the interviewer's next question: the one that the prompt names."""
    asked = re.findall(r"\bask (q\d+)", str(messages[-1].get("content", "")))
    question = asked[-1] if asked else "q01"
    number = int(question[1:])
    first = FIRST_SENTENCES[number % len(FIRST_SENTENCES)]
    return HEADER.format(question=question) + first + LAST_SENTENCE


def provider(folder: Path, chain: Chain) -> OpenAIDouble:
    """Set up the double; utterances that `folder` does not hold yet are made first."""
    recogniser = Recogniser(utterances(folder))
    latencies = Latencies(chain)

    def draw_voice() -> None:
        double.tts_first_byte_ms = latencies.tts_first_byte_ms()

    double = OpenAIDouble(token_ms=chain.token_ms, synthesizer=ToneVoice(draw_voice))
    draw_voice()
    double.hearing = LiveWords(recogniser, latencies)

    def words_of(request: TranscriptionRequest) -> str:
        for kept in (double.transcriptions, double.speeches, double.chats):
            kept.clear()  # the double remembers all requests: for a test, not for an hour of load
        double.transcription_ms = latencies.transcription_ms()
        return recogniser.words_in(np.asarray(request.audio, np.int16))

    def reply(messages: list[Message]) -> str:
        double.first_token_ms = latencies.first_token_ms()
        return reply_to(messages)

    double.text_for = words_of
    double.reply_to = reply
    return double


def chain_json(chain: Chain) -> str:
    """Return a chain in the form that the process takes."""
    return json.dumps(asdict(chain))


async def _serve(double: OpenAIDouble) -> None:
    async with double:
        report_ready({"base_url": double.base_url})
        await until_stdin_ends()


def main(arguments: list[str]) -> None:
    """Run the process."""
    folder, chain = Path(arguments[0]), Chain(**json.loads(arguments[1]))
    uvloop.run(_serve(provider(folder, chain)))


if __name__ == "__main__":
    main(sys.argv[1:])
