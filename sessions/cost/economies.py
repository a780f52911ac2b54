"""Economies: what an interview does without once it has cost as much as it may."""

import numpy as np
from numpy.typing import NDArray

from audio.speech import Transcript
from sessions.cost.tally import Tally
from sessions.listening.live_captions import Interim


def unless_capped(interim: Interim | None, tally: Tally) -> Interim | None:
    """Return the function for interim transcripts, which makes none once the tally is capped."""
    if interim is None or tally.cap_usd is None:
        return interim

    async def spared(audio: NDArray[np.int16], *, prompt: str, language: str) -> Transcript | None:
        if tally.capped:
            return None
        return await interim(audio, prompt=prompt, language=language)

    return spared
