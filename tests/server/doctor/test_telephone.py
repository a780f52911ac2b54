"""What the doctor says of the telephone."""

from datetime import date
from pathlib import Path

import pytest

from server.doctor.report import CheckStatus, DoctorContext
from server.doctor.telephone import check_telephone
from tests.server.stage import make_settings

ACCOUNT = {"twilio_account_sid": "AC1", "twilio_auth_token": "secret"}
PUBLIC = {"public_url": "https://viva.example.com"}


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({}, CheckStatus.OK, "no bridge"),
        ({"twilio_account_sid": "AC1"}, CheckStatus.WARN, "VIVA_TWILIO_AUTH_TOKEN"),
        ({"twilio_auth_token": "secret"}, CheckStatus.WARN, "VIVA_TWILIO_ACCOUNT_SID"),
        (ACCOUNT, CheckStatus.WARN, "VIVA_PUBLIC_URL"),
        (ACCOUNT | {"public_url": "http://viva.example.com"}, CheckStatus.WARN, "VIVA_PUBLIC_URL"),
        (ACCOUNT | PUBLIC, CheckStatus.WARN, "VIVA_TWILIO_FROM_NUMBER"),
        (ACCOUNT | PUBLIC | {"twilio_from_number": "+15005550006"}, CheckStatus.OK, "Twilio"),
        ({"bridge_token": "sixteen letters!"}, CheckStatus.OK, "VIVA_BRIDGE_TOKEN"),
    ],
)
async def test_what_is_missing_is_named(
    tmp_path: Path, changes: dict[str, str], status: CheckStatus, said: str
) -> None:
    settings = make_settings(tmp_path, **changes)
    finding = await check_telephone(DoctorContext(settings, date(2026, 11, 25)))
    assert finding.status is status
    assert said in f"{finding.seen} {finding.advice}"
    assert "secret" not in finding.seen
