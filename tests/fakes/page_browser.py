"""A page of a real Chromium for the tests of the pages, a server for it, and known sound."""

import asyncio
import contextlib
import socket
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page

from tests.patience import PATIENCE_S

Samples = npt.NDArray[np.float64]


@contextlib.asynccontextmanager
async def open_page(browser: Browser, **context_options: str) -> AsyncIterator[Page]:
    """A page of its own, which must end without an error in its console (a violation of the
    content security policy is one)."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(1000 * PATIENCE_S)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    yield page
    await context.close()
    # a refused request is logged as an error too, and is what some tests are about
    told = [fault for fault in faults if not fault.startswith("Failed to load resource")]
    assert not told, f"the page complained: {told}"


@contextlib.asynccontextmanager
async def serve(app: FastAPI) -> AsyncIterator[str]:
    """The app on a free loopback port; its address, as a browser gives a microphone to."""
    config = uvicorn.Config(
        app,
        port=0,
        lifespan="off",
        log_level="warning",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = _TellingServer(config)
    serving = asyncio.create_task(server.serve())
    await server.listening.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://localhost:{port}"
    server.should_exit = True
    await serving


class _TellingServer(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own."""
        await super().startup(sockets)
        self.listening.set()


def write_noise(path: Path, seconds: float = 4.0) -> Samples:
    """Write a WAV (48 kHz mono) of noise between 100 Hz and 4 kHz; returns it, -1 to 1.

    Noise is like itself at no other place, so that a correlation finds it for certain.
    """
    length = int(seconds * 48_000)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(length))
    frequencies = np.fft.rfftfreq(length, 1 / 48_000)
    spectrum[(frequencies < 100) | (frequencies > 4_000)] = 0
    noise = np.fft.irfft(spectrum, length)
    noise *= 0.3 / np.abs(noise).max()
    write_wav(path, noise, 48_000)
    return noise


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """Write mono PCM16."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())


def best_correlation(heard: Samples, known: Samples) -> float:
    """How well `heard` (16 kHz) matches some place of `known` (48 kHz, played over and over):
    1 is perfectly. A delay need not be a whole number of samples at either rate."""
    piece = soxr.resample(heard, 16_000, 48_000, "VHQ")
    tiled = np.concatenate([known, known])
    size = 1 << int(np.ceil(np.log2(len(tiled) + len(piece))))
    products = np.fft.irfft(np.fft.rfft(tiled, size) * np.conj(np.fft.rfft(piece, size)), size)
    places = len(tiled) - len(piece)
    energy = np.concatenate([[0.0], np.cumsum(tiled**2)])
    around = np.sqrt(energy[len(piece) :][:places] - energy[:places]) * np.linalg.norm(piece)
    matches = products[:places] / around
    best = int(np.argmax(matches[1:-1])) + 1
    before, at, after = matches[best - 1 : best + 2]
    # The top of the parabola through the three: where the delay lies between two samples.
    return float(at + (after - before) ** 2 / (8 * (2 * at - before - after)))
