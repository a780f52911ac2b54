"""A browser, a page in it, and the peer it talks with, for the tests of the pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.fakes.page_browser import (
    Samples,
    open_page,
    serve,
    write_noise,
)
from tests.fakes.page_peer import PagePeer
from tests.fakes.recruiter_api import RecruiterApi
from tests.patience import PATIENCE_S
from tests.support.chromium import microphone_flags, open_browser

expect.set_options(timeout=1000 * PATIENCE_S)


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Samples]:
    """The file that is the microphone, and its sound at 48 kHz."""
    path = tmp_path_factory.mktemp("microphone") / "noise.wav"
    return path, write_noise(path)


@pytest.fixture(scope="session")
async def browser(spoken: tuple[Path, Samples], real_browser: None) -> AsyncIterator[Browser]:
    """A browser whose microphone is the file."""
    async with open_browser(*microphone_flags(spoken[0])) as browser:
        yield browser


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page that must end without an error in its console."""
    async with open_page(browser) as page:
        yield page


@pytest.fixture
def api() -> RecruiterApi:
    """The organisation behind the recruiter's page."""
    return RecruiterApi()


@pytest.fixture
async def address(api: RecruiterApi) -> AsyncIterator[str]:
    """Where the recruiter's page is."""
    app = PagePeer().app()
    api.install(app)
    async with serve(app) as address:
        yield address


@pytest.fixture
async def peer() -> AsyncIterator[PagePeer]:
    """What the candidate's page talks with."""
    peer = PagePeer()
    async with serve(peer.app()) as address:
        peer.address = address
        yield peer
