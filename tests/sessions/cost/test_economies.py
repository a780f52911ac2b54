"""Economies: an interview at its cap goes on without what nobody waits for."""

from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.metering import LOCAL, Consumption, Service
from audio.speech import Transcript
from sessions.cost.economies import unless_capped
from sessions.cost.tally import Tally

MINUTE = Consumption(Service.HEARING, "api.openai.com", "gpt-transcribe", audio_ms=60_000)
STRANGE = Consumption(Service.HEARING, "ears.example", "heard-1", audio_ms=10**9)
FREE = Consumption(Service.HEARING, LOCAL, "tiny.en", audio_ms=10**9)


@pytest.mark.parametrize(
    ("before", "used", "cap", "capped"),
    [
        ((), (MINUTE,), "0.0046", False),
        ((), (MINUTE,), "0.0045", True),
        ((MINUTE,), (), "0.0045", True),
        ((), (STRANGE, FREE), "0.0045", False),
        ((), (MINUTE,), None, False),
    ],
)
async def test_at_its_cap_an_interview_makes_no_captions_of_open_sentences(
    before: tuple[Consumption, ...], used: tuple[Consumption, ...], cap: str | None, capped: bool
) -> None:
    tally = Tally(uuid4(), before, cap_usd=None if cap is None else Decimal(cap))
    for one in used:
        tally.add(one)
    words = Transcript("words", None, 900, 1.0, "heard-1")

    async def interim(audio: NDArray[np.int16], *, prompt: str, language: str) -> Transcript | None:
        return words

    spared = unless_capped(interim, tally)
    assert spared is not None
    heard = await spared(np.zeros(16, np.int16), prompt="", language="en")
    assert (tally.capped, heard) == (capped, None if capped else words)
    assert unless_capped(None, tally) is None
