"""Gap filler: silence for sound that does not come, and none where the process itself stalls."""

import asyncio
from typing import cast

import numpy as np
from numpy.typing import NDArray

from sessions.listening.gap_filler import GAP_MS, GapFiller
from tests.support.virtual_time import VirtualTimeLoop, now_ms, pass_ms, run_virtual


def test_sound_that_waits_while_the_process_stands_still_is_not_replaced_by_silence() -> None:
    async def story() -> None:
        filled: list[NDArray[np.int16]] = []
        heard_ms = now_ms()
        filler = GapFiller(lambda: now_ms() - heard_ms, lambda: True, filled.append)
        filler.begin(telephone=True)
        filler.start()
        await pass_ms(100)
        loop = cast(VirtualTimeLoop, asyncio.get_running_loop())
        loop.pass_time(2 * GAP_MS / 1000)  # something blocks the loop, and the sound waits
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert filled == []
        heard_ms = now_ms()  # it is read as soon as the loop goes on
        await pass_ms(200)
        assert filled == []
        await pass_ms(GAP_MS)
        assert filled, "a real gap is silence"
        filler.end()

    run_virtual(story())
