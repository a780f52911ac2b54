"""Health: up is up whatever is down; ready only when the database answers and all is warm."""

from pathlib import Path
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from server.database.engine import create_engine
from tests.server.stage import Stage, make_settings, open_stage


async def test_a_warm_server_is_up_and_ready(stage: Stage) -> None:
    stage.live.ids.add(uuid4())
    assert (await stage.client.get("/healthz")).json() == {"status": "ok"}
    ready = await stage.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "live": 1})


async def test_what_is_missing_is_named(stage: Stage) -> None:
    stage.services.readiness.set("whisper", False, "the model is being loaded")
    stage.services.readiness.set("voice", True)
    response = await stage.client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["detail"] == "Not ready yet: whisper: the model is being loaded."
    stage.services.readiness.set("whisper", True)
    assert (await stage.client.get("/readyz")).status_code == 200


async def test_a_part_without_a_sentence_is_named_all_the_same(stage: Stage) -> None:
    stage.services.readiness.set("whisper", False)
    assert stage.services.readiness.missing() == {"whisper": "is not ready"}


async def test_without_a_database_the_process_is_up_but_not_ready(
    engine: AsyncEngine, tmp_path: Path, closed_port: int
) -> None:
    nowhere = create_engine(f"postgresql://postgres@127.0.0.1:{closed_port}/nothing")
    async with open_stage(nowhere, make_settings(tmp_path)) as stage:
        assert (await stage.client.get("/healthz")).status_code == 200
        response = await stage.client.get("/readyz")
        assert response.status_code == 503
        assert "database: cannot be reached" in response.json()["detail"]
        join = await stage.client.post("/api/v1/join", json={"token": "x"})
        assert (join.status_code, join.json()["code"]) == (503, "store-unavailable")
        assert join.headers["retry-after"] == "5"
    await nowhere.dispose()
