"""A process put together: what it warns of, what it waits for, and how signals end it."""

import asyncio
import io
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.composition import make_server, make_viva
from server.logs import configure_logging
from server.simulator.demo import serving
from server.store.monitors import MonitorStore
from sessions.session_context import Providers
from tests.fakes.onnx_files import mean_model
from tests.patience import PATIENCE_S
from tests.seeding import seed_interview
from tests.server.edge import SHORT_PLAN, new_client, open_edge
from tests.server.logged import logging_restored
from tests.server.stage import make_settings


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, even at level debug."""
    stream = io.StringIO()
    with logging_restored():
        configure_logging("debug", "json", stream)
        yield stream


async def test_models_with_an_announced_end_are_warned_of_at_the_start(
    database_url: str, local_providers: Providers, tmp_path: Path, log: io.StringIO
) -> None:
    settings = make_settings(
        tmp_path,
        openai_api_key=SecretStr("sk-none-of-your-business"),
        llm_model="openai:gpt-3.5-turbo-0301",
        openai_stt_model="gpt-4o-audio-preview",
        openai_tts_model="a-model-nobody-knows",
    )
    async with open_edge(settings, database_url, local_providers):
        pass
    told = [line for line in log.getvalue().splitlines() if '"model retires"' in line]
    assert len(told) == 2
    assert "gpt-4o-audio-preview was retired on 2026-05-07" in told[0]
    assert "openai:gpt-3.5-turbo-0301 was retired on 2024-09-13" in told[1]
    assert "none-of-your-business" not in log.getvalue()


async def test_nobody_reads_a_ticket_or_what_was_said_in_the_log(
    database_url: str, local_providers: Providers, tmp_path: Path, log: io.StringIO
) -> None:
    settings = make_settings(tmp_path, log_level="debug")
    async with open_edge(settings, database_url, local_providers) as edge:
        interview = await seed_interview(edge.viva.services.engine, plan_document=SHORT_PLAN)
        ticket = await edge.ticket(interview.join_token)
        response = await edge.client.get(f"/join/{interview.join_token}")
        assert response.status_code == 200
        async with edge.socket() as tab:
            await tab.hello(ticket)
            await tab.send(type="ping", t=1)
            await tab.expect("pong")
    assert "leg connected" in log.getvalue()
    assert ticket[8:] not in log.getvalue()
    assert interview.join_token[8:] not in log.getvalue()


async def test_a_side_task_that_fails_keeps_candidates_away_and_ends_no_interview(
    database_url: str,
    local_providers: Providers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.composition.LOOK_EVERY_S", 0.01)

    async def refuse(*_: object) -> None:
        raise ValueError("no such column")

    async with open_edge(make_settings(tmp_path), database_url, local_providers) as edge:
        interview = await seed_interview(edge.viva.services.engine, plan_document=SHORT_PLAN)

        async def ready() -> tuple[int, str]:
            response = await edge.client.get("/readyz")
            return response.status_code, response.json().get("detail", "")

        async def until(status: int) -> str:
            async with asyncio.timeout(PATIENCE_S):
                while (answer := await ready())[0] != status:
                    pass
            return answer[1]

        await until(200)
        async with edge.tab(interview.join_token) as tab:
            await tab.start()
            monkeypatch.setattr(MonitorStore, "set_live", refuse)
            monkeypatch.setattr("server.presence.RENEW_EVERY_S", 0.0)
            assert "live interviews: has failed" in await until(503)
            await tab.expect("turn.committed", index=0)
            monkeypatch.undo()
            await until(200)


@pytest.mark.usefixtures("real_models")
async def test_a_part_that_cannot_be_loaded_keeps_candidates_away_and_says_why(
    database_url: str, tmp_path: Path, log: io.StringIO
) -> None:
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "model.bin").write_bytes(b"no weights")
    settings = make_settings(tmp_path, port=0, whisper_model=str(tmp_path / "whisper"))
    viva = make_viva(settings, database_url)
    async with serving(viva) as base_url, new_client(base_url) as client:
        assert (await client.get("/healthz")).status_code == 200
        async with asyncio.timeout(PATIENCE_S):
            while "part not loaded" not in log.getvalue():
                response = await client.get("/readyz")
                assert response.status_code == 503
        response = await client.get("/readyz")
    assert "speech to text: " in response.json()["detail"]
    assert "speech to text: is loading" not in response.json()["detail"]


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    async def test_one_ends_the_server_in_good_order(
        self, number: signal.Signals, database_url: str, local_providers: Providers, tmp_path: Path
    ) -> None:
        settings = make_settings(tmp_path, port=0)
        server = make_server(make_viva(settings, database_url, local_providers))
        running = asyncio.create_task(server.serve())
        await server.settled.wait()
        assert server.started
        signal.raise_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            await running  # and the signal is not raised again
        assert not server.force_exit

    async def test_ctrl_c_twice_does_not_wait(self, tmp_path: Path) -> None:
        viva = make_viva(make_settings(tmp_path), "postgresql://x@127.0.0.1:9/x")
        server = make_server(viva)
        for _ in range(2):
            server.handle_exit(signal.SIGINT, None)
        assert server.force_exit
        viva.services.passwords.close()


async def test_a_turn_model_is_loaded_with_the_rest_and_a_wrong_one_keeps_it_from_being_ready(
    database_url: str, tmp_path: Path
) -> None:
    good = tmp_path / "smart-turn.onnx"
    good.write_bytes(mean_model())
    for path, told in ((good, None), (tmp_path / "absent.onnx", "VIVA_SMART_TURN_MODEL")):
        settings = make_settings(tmp_path, smart_turn_model=path)
        viva = make_viva(settings, database_url)
        parts = viva._cold_parts()
        await viva._warm("turn model", parts["turn model"])
        missing = viva.services.readiness.missing()
        assert (told or "") in missing.get("turn model", "")
        assert ("turn model" in missing) is (told is not None)
        assert viva.providers.turn_model is not None
        await viva.providers.turn_model.close()
        await viva.services.engine.dispose()
    assert "turn model" not in make_viva(make_settings(tmp_path), database_url)._cold_parts()
