"""A doctor with patience, on a machine with room."""

import pytest

from tests.patience import PATIENCE_S


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy, or whose disk is nearly full, is not what these tests are about."""
    monkeypatch.setattr("server.doctor.models.OPENAI_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr("server.doctor.run.CHECK_TIMEOUT_S", 3 * PATIENCE_S)
    monkeypatch.setattr("server.doctor.machine.DISK_FAIL_BYTES", 0)
