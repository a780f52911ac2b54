"""The doctor on machines that are well, and on some that are not."""

import asyncio
import io
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import text

from server.database.embedded import EmbeddedPostgres
from server.database.engine import create_engine, upgrade
from server.doctor.machine import (
    check_clock,
    check_database,
    check_disk,
    check_languages,
    check_port,
    check_settings,
)
from server.doctor.models import (
    check_language_model,
    check_openai,
    check_retirements,
    check_speech_to_text,
    check_text_to_speech,
)
from server.doctor.report import DoctorContext
from server.doctor.run import (
    CHECKS,
    CheckResult,
    CheckStatus,
    DoctorReport,
    print_report,
    run_doctor,
)
from server.settings import Settings
from tests.fakes.model_list import FakeModelList, models

TODAY = date(2026, 11, 23)


def context_for(tmp_path: Path, **values: Any) -> DoctorContext:
    return DoctorContext(Settings(**{"data_dir": tmp_path / ".viva", "port": 0, **values}), TODAY)


class TestSettingsCheck:
    async def test_it_tells_what_was_chosen(self, tmp_path: Path) -> None:
        finding = await check_settings(context_for(tmp_path))
        assert finding.status is CheckStatus.OK
        assert "profile dev" in finding.seen
        assert "interviewer scripted" in finding.seen

    async def test_a_misspelt_variable_is_pointed_out(self, tmp_path: Path) -> None:
        context = context_for(tmp_path)
        context.unknown_variables = ["VIVA_PROT"]
        finding = await check_settings(context)
        assert finding.status is CheckStatus.WARN
        assert "VIVA_PROT" in finding.seen

    async def test_a_model_that_is_named_but_not_used_is_pointed_out(self, tmp_path: Path) -> None:
        finding = await check_settings(context_for(tmp_path, llm_model="google_genai:gemini-test"))
        assert finding.status is CheckStatus.WARN
        assert "VIVA_LLM=model" in finding.advice


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="viva-test-") as folder:
        Path(folder).chmod(0o711)  # for root's `nobody`, who runs PostgreSQL
        yield Path(folder)


@pytest.fixture(scope="module")
def empty_url(data_dir: Path) -> Iterator[str]:
    """A database of this module's own, without tables."""
    with EmbeddedPostgres(data_dir) as url:
        yield url


async def test_plans_in_a_language_that_is_not_spoken_are_warned_of(tmp_path: Path) -> None:
    context = context_for(tmp_path)
    assert (await check_languages(context)).status is CheckStatus.OK
    context.plan_languages = ["en", "de"]
    finding = await check_languages(context)
    assert (finding.status, "'de'" in finding.seen) == (CheckStatus.WARN, True)


class TestDatabaseCheck:
    async def test_an_embedded_database_is_tried_and_nothing_is_left(self, tmp_path: Path) -> None:
        finding = await check_database(context_for(tmp_path))
        assert finding.status is CheckStatus.OK, finding.seen
        assert "a trial one started" in finding.seen
        assert os.listdir(tmp_path) == []

    async def test_the_state_of_the_tables_is_told(self, tmp_path: Path, empty_url: str) -> None:
        context = context_for(tmp_path, database_url=SecretStr(empty_url))
        began = time.monotonic()
        empty = await check_database(context)
        took_s = time.monotonic() - began
        assert (empty.status, "no tables yet" in empty.seen) == (CheckStatus.WARN, True)
        assert context.clock_ahead_s is not None
        assert abs(context.clock_ahead_s) <= took_s, "it is one clock, and to ask takes a while"

        await asyncio.to_thread(upgrade, empty_url)
        current = await check_database(context)
        assert (current.status, "tables up to date" in current.seen) == (CheckStatus.OK, True)
        assert "PostgreSQL 18." in current.seen

        engine = create_engine(empty_url, 1)
        async with engine.begin() as connection:
            await connection.exec_driver_sql("update alembic_version set version_num = '9999'")
        await engine.dispose()
        newer = await check_database(context)
        assert (newer.status, "9999" in newer.seen) == (CheckStatus.FAIL, True)

    async def test_a_database_in_use_is_shared(self, data_dir: Path, empty_url: str) -> None:
        finding = await check_database(context_for(data_dir, data_dir=data_dir))
        assert "embedded, runs already" in finding.seen

    async def test_a_role_that_may_not_make_tables_fails_with_what_helps(
        self, tmp_path: Path, empty_url: str
    ) -> None:
        admin = create_engine(empty_url)
        async with admin.begin() as connection:
            await connection.execute(text("create role narrow login"))
        await admin.dispose()
        narrow = admin.url.set(username="narrow").render_as_string(hide_password=False)
        finding = await check_database(context_for(tmp_path, database_url=SecretStr(narrow)))
        assert finding.status is CheckStatus.FAIL
        assert "The role narrow may not" in finding.advice

    async def test_a_database_that_refuses_us_fails_with_a_reason(
        self, tmp_path: Path, empty_url: str
    ) -> None:
        absent = empty_url.replace("@/postgres?", "@/absent?")
        finding = await check_database(context_for(tmp_path, database_url=SecretStr(absent)))
        assert finding.status is CheckStatus.FAIL
        assert "create that database" in finding.seen


class TestOpenAICheck:
    @pytest.fixture
    async def server(self) -> AsyncIterator[FakeModelList]:
        body = models(gpt_transcribe=None, gpt_4o_mini_tts="2027-01-06", gpt_6_luna=None)
        async with FakeModelList(body) as server:
            yield server

    async def test_a_key_that_is_taken(self, tmp_path: Path, server: FakeModelList) -> None:
        context = context_for(
            tmp_path, openai_api_key=SecretStr("sk-good"), openai_base_url=server.base_url
        )
        finding = await check_openai(context)
        assert finding.status is CheckStatus.OK, finding.seen
        assert "speech to text, text to speech, interviewer" in finding.seen
        assert server.keys == ["sk-good"]
        server.keys.clear()
        for check in (check_speech_to_text, check_text_to_speech, check_language_model):
            assert (await check(context)).status is CheckStatus.OK

    @pytest.mark.parametrize("status", [401, 403])
    async def test_a_key_that_is_refused(
        self, tmp_path: Path, server: FakeModelList, status: int
    ) -> None:
        server.status, server.body = status, {"error": {"message": "no"}}
        context = context_for(tmp_path, openai_base_url=server.base_url)
        finding = await check_openai(context)
        assert (finding.status, finding.advice) == (CheckStatus.FAIL, "Check OPENAI_API_KEY.")
        assert (await check_speech_to_text(context)).status is CheckStatus.FAIL

    async def test_a_model_that_is_listed_and_does_not_reply(
        self, tmp_path: Path, server: FakeModelList
    ) -> None:
        server.chat_status = 400
        server.chat_body = b'{"error": {"message": "This is no chat model."}}'
        context = context_for(tmp_path, openai_base_url=server.base_url)
        await check_openai(context)
        finding = await check_language_model(context)
        assert finding.status is CheckStatus.FAIL
        assert "(HTTP 400): This is no chat model." in finding.seen

    async def test_a_model_that_is_not_listed(self, tmp_path: Path, server: FakeModelList) -> None:
        context = context_for(
            tmp_path, openai_base_url=server.base_url, llm_model="openai:gpt-unheard-of"
        )
        await check_openai(context)
        finding = await check_language_model(context)
        assert (finding.status, finding.advice) == (CheckStatus.FAIL, "Correct VIVA_LLM_MODEL.")

    @pytest.mark.parametrize(("status", "body"), [(404, {}), (500, {}), (200, {"data": "no"})])
    async def test_a_server_without_a_list_is_a_warning(
        self, tmp_path: Path, server: FakeModelList, status: int, body: object
    ) -> None:
        server.status, server.body = status, body
        context = context_for(tmp_path, openai_base_url=server.base_url)
        assert (await check_openai(context)).status is CheckStatus.WARN
        assert "not known" in (await check_speech_to_text(context)).seen

    async def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
            address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
            finding = await check_openai(context_for(tmp_path, openai_base_url=address))
        assert finding.status is CheckStatus.FAIL
        assert "cannot be reached" in finding.seen

    async def test_it_is_left_alone_where_it_is_not_used(self, tmp_path: Path) -> None:
        assert (await check_openai(context_for(tmp_path))).seen == "not used"


@pytest.mark.usefixtures("real_models")
class TestLocalModels:
    async def test_whisper_hears_and_the_voice_speaks(self, tmp_path: Path) -> None:
        heard = await check_speech_to_text(context_for(tmp_path))
        assert heard.status is not CheckStatus.FAIL
        assert "faster-whisper/tiny.en" in heard.seen
        spoken = await check_text_to_speech(context_for(tmp_path))
        assert spoken.status is not CheckStatus.FAIL
        assert "hibari/heart" in spoken.seen

    async def test_weights_that_are_not_there_fail_with_a_sentence(self, tmp_path: Path) -> None:
        finding = await check_speech_to_text(
            context_for(tmp_path, whisper_model=str(tmp_path / "absent"))
        )
        assert finding.status is CheckStatus.FAIL
        assert "absent" in finding.seen


class TestLanguageModelCheck:
    async def test_the_package_of_a_provider_must_be_installed(self, tmp_path: Path) -> None:
        finding = await check_language_model(
            context_for(tmp_path, llm="model", llm_model="mistralai:large")
        )
        assert finding.status is CheckStatus.FAIL
        assert finding.advice == "Install it: uv pip install langchain-mistralai"

    async def test_its_key_must_be_set(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AZURE_OPENAI_API_KEY", raising=False)
        context = context_for(tmp_path, llm="model", llm_model="azure_openai:interviews")
        missing = await check_language_model(context)
        assert (missing.status, "AZURE_OPENAI_API_KEY" in missing.seen) == (CheckStatus.FAIL, True)
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "test")
        assert (await check_language_model(context)).status is CheckStatus.OK


class TestRetirementsCheck:
    async def test_local_models_do_not_retire(self, tmp_path: Path) -> None:
        assert (await check_retirements(context_for(tmp_path))).status is CheckStatus.OK

    async def test_the_table_and_the_providers_own_word_are_used(self, tmp_path: Path) -> None:
        context = context_for(
            tmp_path, openai_api_key=SecretStr("sk-test"), openai_tts_model="gpt-4o-mini-tts"
        )
        context.openai_models = {"gpt-6-luna": date(2026, 12, 1)}
        finding = await check_retirements(context)
        assert finding.status is CheckStatus.WARN
        assert "gpt-4o-mini-tts will be retired on 2027-01-06" in finding.seen
        assert "openai:gpt-6-luna will be retired on 2026-12-01" in finding.seen

    async def test_a_model_that_is_gone_is_a_failure(self, tmp_path: Path) -> None:
        context = context_for(
            tmp_path, openai_api_key=SecretStr("sk-test"), llm_model="openai:gpt-3.5-turbo"
        )
        assert (await check_retirements(context)).status is CheckStatus.FAIL


class TestMachine:
    async def test_disk_and_clock_are_looked_at(self, tmp_path: Path) -> None:
        context = context_for(tmp_path)
        assert str(tmp_path) in (await check_disk(context)).seen
        assert (await check_clock(context)).status is CheckStatus.OK
        context.clock_ahead_s = -90.0
        finding = await check_clock(context)
        assert (finding.status, "90 s behind" in finding.seen) == (CheckStatus.WARN, True)

    async def test_a_port_that_another_program_uses(self, tmp_path: Path) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            port = other.getsockname()[1]
            free = await check_port(context_for(tmp_path, port=port))
            assert (free.status, "in use" in free.seen) == (CheckStatus.FAIL, True)
        assert (await check_port(context_for(tmp_path, port=port))).status is CheckStatus.OK

    @pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
    async def test_a_port_on_which_a_viva_answers(self, tmp_path: Path, host: str) -> None:
        async with FakeModelList({"status": "ok"}) as server:
            port = int(server.base_url.split(":")[2].split("/")[0])
            finding = await check_port(context_for(tmp_path, host=host, port=port))
        assert (finding.status, "a Viva is running" in finding.seen) == (CheckStatus.OK, True)

    async def test_an_address_that_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        finding = await check_port(context_for(tmp_path, host="no such host", port=8000))
        assert (finding.status, "VIVA_HOST" in finding.advice) == (CheckStatus.FAIL, True)


class TestReport:
    @pytest.mark.usefixtures("real_models")
    async def test_every_check_is_run_and_named_before_it_runs(self, tmp_path: Path) -> None:
        named: list[str] = []
        report = await run_doctor(context_for(tmp_path).settings, named.append)
        assert named == [check.name for check in report.checks] == list(CHECKS)
        assert report.exit_code == 0, report

    async def test_wrong_settings_are_the_report(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VIVA_PORT", "abc")
        report = await run_doctor()
        assert [check.name for check in report.checks] == ["Settings"]
        assert "VIVA_PORT is 'abc'" in report.checks[0].seen
        assert report.exit_code == 1

    async def test_a_check_that_breaks_does_not_end_the_doctor(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(_: DoctorContext) -> None:
            raise RuntimeError("oh")

        async def stuck(_: DoctorContext) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr("server.doctor.run.CHECK_TIMEOUT_S", 0.01)
        monkeypatch.setattr("server.doctor.run.CHECKS", {"Broken": broken, "Stuck": stuck})
        report = await run_doctor(context_for(tmp_path).settings)
        assert [check.status for check in report.checks] == [CheckStatus.FAIL, CheckStatus.FAIL]
        assert "RuntimeError: oh" in report.checks[0].seen

    @pytest.mark.parametrize(
        ("statuses", "words", "code"),
        [
            ([CheckStatus.OK], "All is well", 0),
            ([CheckStatus.OK, CheckStatus.WARN], "1 of 2 checks have a warning", 0),
            ([CheckStatus.WARN, CheckStatus.FAIL], "1 of 2 checks failed", 1),
        ],
    )
    def test_it_is_printed_with_advice_and_an_exit_code(
        self, statuses: list[CheckStatus], words: str, code: int
    ) -> None:
        report = DoctorReport(
            tuple(CheckResult(f"part {n}", s, "seen [x]", "do [y]") for n, s in enumerate(statuses))
        )
        console = Console(file=io.StringIO(), width=80)
        assert print_report(report, console) == code
        assert isinstance(console.file, io.StringIO)
        printed = console.file.getvalue()
        assert words in printed
        assert "seen [x]" in printed
        assert "-> do [y]" in printed
