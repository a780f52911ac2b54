"""Serving: what a start prints, and what of it may stay in a log."""

from pathlib import Path

import pytest

from server.seed import SeedResult
from server.serving import _demo_lines
from server.settings import Profile, Settings


def printed(profile: Profile, data_dir: Path, *, made: bool, watched: bool) -> str:
    """What a start prints of the demo."""
    settings = Settings(_env_file=None, profile=profile, data_dir=data_dir)
    found = SeedResult(
        candidate_url="http://127.0.0.1:8000/join/secret-token",
        recruiter_url="http://127.0.0.1:8000/recruiter",
        email="recruiter@viva.example",
        password="secret-password",
        password_made=made,
        link_made=made,
    )
    return "\n".join(
        f"{name} {value}" for name, value in _demo_lines(found, settings, watched=watched)
    )


@pytest.mark.parametrize(("made", "watched"), [(True, False), (False, True), (True, True)])
def test_the_first_password_and_link_are_shown_when_they_are_made_and_on_a_terminal(
    tmp_path: Path, made: bool, watched: bool
) -> None:
    text = printed(Profile.DEV, tmp_path, made=made, watched=watched)
    assert "secret-password" in text
    assert "/join/secret-token" in text


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("profile", Profile)
def test_a_log_holds_no_secret_of_a_later_start_and_none_at_all_in_production(
    tmp_path: Path, profile: Profile, made: bool, watched: bool
) -> None:
    if profile is Profile.DEV and (made or watched):
        return
    text = printed(profile, tmp_path, made=made, watched=watched)
    assert "secret-password" not in text
    assert "secret-token" not in text
    assert str(tmp_path / "first-password") in text
    assert str(tmp_path / "demo-link") in text
    assert "http://127.0.0.1:8000/recruiter" in text
