"""The first start: a demo that works, told again at every start as long as it does."""

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from server.seed import DEMO_EMAIL, SeedResult, seed
from sessions.record.tables import InterviewRow, Organisation, PlanRow, User
from tests.server.stage import Stage, make_settings, open_stage


@pytest.fixture
async def stage(clean_database: AsyncEngine, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(clean_database, make_settings(tmp_path)) as opened:
        yield opened


async def start(stage: Stage) -> SeedResult:
    services = stage.services
    result = await seed(services.store, services.passwords, services.settings)
    assert result is not None
    return result


async def joined(stage: Stage, result: SeedResult) -> int:
    token = result.candidate_url.rsplit("/", 1)[1]
    return (await stage.client.post("/api/v1/join", json={"token": token})).status_code


async def count(stage: Stage, table: type[Organisation | User | PlanRow | InterviewRow]) -> int:
    async with stage.services.engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def sign_in(stage: Stage, password: str | None) -> str:
    response = await stage.client.post(
        "/api/v1/auth/token", json={"email": DEMO_EMAIL, "password": password}
    )
    assert response.status_code == 200
    return str(response.json()["access_token"])


async def test_the_first_start_makes_a_demo_that_works(stage: Stage) -> None:
    result = await start(stage)
    assert result.candidate_url.startswith("http://127.0.0.1:8000/join/")
    assert result.recruiter_url == "http://127.0.0.1:8000/recruiter"
    assert result.email == DEMO_EMAIL
    assert await joined(stage, result) == 200
    await sign_in(stage, result.password)
    for name in ("first-password", "demo-link"):
        path = stage.services.settings.data_dir / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_later_starts_tell_the_same_and_make_nothing_new(stage: Stage) -> None:
    first = await start(stage)
    assert await start(stage) == first
    for table in (Organisation, User, PlanRow, InterviewRow):
        assert await count(stage, table) == 1


async def test_two_servers_that_start_at_once_tell_the_same_password(stage: Stage) -> None:
    one, other = await asyncio.gather(start(stage), start(stage))
    assert one.password == other.password
    await sign_in(stage, one.password)
    assert (await count(stage, Organisation), await count(stage, User)) == (1, 1)


async def test_a_changed_password_is_told_no_more(stage: Stage) -> None:
    result = await start(stage)
    token = await sign_in(stage, result.password)
    response = await stage.client.post(
        "/api/v1/me/password",
        json={"old": result.password, "new": "my own choice 1"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 204
    assert not (stage.services.settings.data_dir / "first-password").exists()
    assert (await start(stage)).password is None


async def test_a_kept_password_that_is_wrong_is_not_told(stage: Stage) -> None:
    await start(stage)
    path = stage.services.settings.data_dir / "first-password"
    path.write_text("of another database\n", encoding="utf-8")
    assert (await start(stage)).password is None
    assert not path.exists()


async def test_an_expired_link_is_renewed_for_the_same_interview(stage: Stage) -> None:
    first = await start(stage)
    past = datetime.now(UTC) - timedelta(hours=1)
    async with stage.services.engine.begin() as connection:
        await connection.execute(update(InterviewRow).values(join_expires_at=past))
    second = await start(stage)
    assert second.candidate_url != first.candidate_url
    assert await joined(stage, second) == 200
    assert await count(stage, InterviewRow) == 1


async def test_after_a_finished_interview_there_is_another_on_the_same_plan(stage: Stage) -> None:
    first = await start(stage)
    async with stage.services.engine.begin() as connection:
        await connection.execute(update(InterviewRow).values(status="completed"))
    second = await start(stage)
    assert second.candidate_url != first.candidate_url
    assert await joined(stage, second) == 200
    assert (await count(stage, InterviewRow), await count(stage, PlanRow)) == (2, 1)


async def test_a_lost_link_is_replaced(stage: Stage) -> None:
    await start(stage)
    (stage.services.settings.data_dir / "demo-link").unlink()
    assert await joined(stage, await start(stage)) == 200


async def test_an_installation_of_somebodys_own_gets_no_demo(stage: Stage) -> None:
    await stage.recruiter("Acme")
    services = stage.services
    assert await seed(services.store, services.passwords, services.settings) is None
    assert await count(stage, User) == 1


async def test_links_are_those_people_see(stage: Stage, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, public_url="https://viva.example.com/")
    result = await seed(stage.store, stage.services.passwords, settings)
    assert result is not None
    assert result.candidate_url.startswith("https://viva.example.com/join/")
