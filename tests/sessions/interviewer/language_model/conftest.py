"""Tests of language models: what one learns of a server, the next does not know."""

from collections.abc import Iterator

import pytest

from sessions.interviewer.language_model.learnt_refusals import forget_all


@pytest.fixture(autouse=True)
def nothing_learnt() -> Iterator[None]:
    forget_all()
    yield
    forget_all()
