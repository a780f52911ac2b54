"""The settings: what they choose by themselves, and what a wrong one is told."""

import os
import re
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from server.settings import PROFILE_MODELS, Profile, Settings
from server.settings_errors import (
    SettingsError,
    load_settings,
    unknown_variables,
    variable_name,
    whisper_folder,
)

EXAMPLE = Path(__file__).parents[2] / ".env.example"
COMMENTED_SETTING = re.compile(r"^# ([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the machine's variables nor its `.env` reach these tests."""
    known = {variable_name(field) for field in Settings.model_fields}
    for name in list(os.environ):
        if name in known or name.startswith("VIVA_"):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    monkeypatch.chdir(tmp_path)


def complaint(**variables: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            load_settings()
    return str(caught.value)


class TestChoices:
    def test_without_any_setting_everything_is_local(self) -> None:
        settings = load_settings()
        assert (settings.stt_choice, settings.tts_choice) == ("local", "local")
        assert settings.llm_choice == "scripted"
        assert settings.base_url == "http://127.0.0.1:8000"

    @pytest.mark.parametrize(
        ("name", "value"),
        [("OPENAI_API_KEY", "sk-test"), ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")],
    )
    def test_a_key_or_a_base_url_chooses_openai_for_all(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        settings = load_settings()
        assert (settings.stt_choice, settings.tts_choice) == ("openai", "openai")
        assert settings.llm_choice == "model"

    def test_each_part_can_be_chosen_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("VIVA_STT", "local")
        monkeypatch.setenv("VIVA_LLM", "scripted")
        settings = load_settings()
        assert settings.stt_choice == "local"
        assert settings.tts_choice == "openai"
        assert settings.llm_choice == "scripted"

    @pytest.mark.parametrize("profile", list(Profile))
    def test_a_profile_fills_the_model_names_that_are_not_set(
        self, monkeypatch: pytest.MonkeyPatch, profile: Profile
    ) -> None:
        monkeypatch.setenv("VIVA_PROFILE", profile.value)
        monkeypatch.setenv("VIVA_LLM_MODEL", "google_genai:gemini-test")
        settings = load_settings()
        assert settings.llm_model == "google_genai:gemini-test"
        for name, model in PROFILE_MODELS[profile].items():
            if name != "llm_model":
                assert getattr(settings, name) == model

    @pytest.mark.parametrize("field", sorted(Settings.model_fields))
    def test_an_empty_variable_is_an_unset_one(
        self, monkeypatch: pytest.MonkeyPatch, field: str
    ) -> None:
        expected = getattr(load_settings(), field)
        monkeypatch.setenv(variable_name(field), "")
        assert getattr(load_settings(), field) == expected

    def test_an_empty_variable_hides_what_dotenv_says(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-test\n", encoding="utf-8")
        assert load_settings().openai_configured
        monkeypatch.setenv("OPENAI_API_KEY", "")
        assert not load_settings().openai_configured

    def test_an_empty_address_is_hidden_from_the_libraries_that_would_take_it_for_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", "")
        assert load_settings().openai_configured
        assert str(AsyncOpenAI().base_url).startswith("https://")

    def test_origins_are_separated_by_commas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VIVA_ALLOWED_ORIGINS", "https://a.example, https://b.example:8443,")
        assert load_settings().allowed_origins == ["https://a.example", "https://b.example:8443"]

    def test_values_given_in_code_win_over_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VIVA_PORT", "9000")
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
        settings = load_settings(port=9001, openai_base_url="http://127.0.0.1:2/v1")
        assert settings.port == 9001
        assert settings.openai_base_url == "http://127.0.0.1:2/v1"

    def test_the_public_url_is_the_address_in_links(self) -> None:
        assert load_settings(public_url="https://jobs.example/").base_url == "https://jobs.example"

    @pytest.mark.parametrize("host", ["0.0.0.0", "::"])
    def test_links_of_a_server_on_every_network_lead_to_where_a_microphone_is_given(
        self, host: str
    ) -> None:
        assert load_settings(host=host).base_url == "http://localhost:8000"

    @pytest.mark.parametrize("host", ["::1", "[::1]"])
    def test_an_ipv6_address_stands_in_brackets_in_links_and_without_them_elsewhere(
        self, host: str
    ) -> None:
        settings = load_settings(host=host)
        assert (settings.host, settings.base_url) == ("::1", "http://[::1]:8000")


class TestWrongValues:
    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            (
                "VIVA_PORT",
                "abc",
                "VIVA_PORT is 'abc', but must be a whole number between 0 and 65535.",
            ),
            (
                "VIVA_PORT",
                "65536",
                "VIVA_PORT is '65536', but must be a whole number between 0 and 65535.",
            ),
            ("VIVA_PROFILE", "test", "VIVA_PROFILE is 'test', but must be one of dev, prod."),
            (
                "VIVA_STT",
                "cloud",
                "VIVA_STT: 'cloud' names nobody: write openai, local, an address such as"
                " http://host/v1#model, several of them separated by commas, or auto alone.",
            ),
            (
                "VIVA_OPENAI_TIMEOUT_S",
                "0",
                "VIVA_OPENAI_TIMEOUT_S is '0', but must be a number above 0.",
            ),
            (
                "VIVA_LLM_TEMPERATURE",
                "hot",
                "VIVA_LLM_TEMPERATURE is 'hot', but must be a number between 0 and 2.",
            ),
            (
                "VIVA_MAX_SESSIONS",
                "1.5",
                "VIVA_MAX_SESSIONS is '1.5', but must be a whole number of at least 1.",
            ),
        ],
    )
    def test_the_sentence_names_the_variable_and_what_it_must_be(
        self, name: str, value: str, sentence: str
    ) -> None:
        assert complaint(**{name: value}) == sentence

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            ("filler_ms=2500", "VIVA_TURN_RULES: Write it as JSON"),
            ('{"filler": 2500}', "VIVA_TURN_RULES: There is no threshold filler"),
            ('{"time_limit_ms": 1}', "VIVA_TURN_RULES: There is no threshold time_limit_ms"),
            ('{"filler_ms": -1}', "VIVA_TURN_RULES: filler_ms cannot be -1"),
            ('{"filler_ms": NaN}', "VIVA_TURN_RULES: filler_ms cannot be nan"),
            ('{"filler_ms": "soon"}', "VIVA_TURN_RULES"),
            ("[1]", "VIVA_TURN_RULES"),
        ],
    )
    def test_a_threshold_is_one_that_there_is(self, value: str, sentence: str) -> None:
        assert complaint(VIVA_TURN_RULES=value).startswith(sentence)

    def test_each_wrong_setting_gets_a_line(self) -> None:
        assert len(complaint(VIVA_PORT="x", VIVA_TTS="x").splitlines()) == 2

    @pytest.mark.parametrize("name", ["VIVA_STT", "VIVA_TTS"])
    def test_openai_for_speech_needs_a_key_or_a_base_url(self, name: str) -> None:
        assert complaint(**{name: "openai"}) == (
            f"{name} is 'openai', but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set:"
            f" set one, or {name}=local."
        )

    def test_a_language_model_of_openai_needs_them_too(self) -> None:
        assert "neither OPENAI_API_KEY nor OPENAI_BASE_URL" in complaint(VIVA_LLM="model")

    def test_another_providers_model_needs_nothing_of_openai(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VIVA_LLM", "model")
        monkeypatch.setenv("VIVA_LLM_MODEL", "google_genai:gemini-test")
        assert load_settings().llm_choice == "model"

    @pytest.mark.parametrize("model", ["gpt-5.4", ":gpt-5.4", "openai:"])
    def test_a_language_model_names_its_provider(self, model: str) -> None:
        assert "provider:model" in complaint(VIVA_LLM_MODEL=model)

    def test_the_folder_of_a_whisper_model_must_be_there(self, tmp_path: Path) -> None:
        assert "no such folder" in complaint(VIVA_WHISPER_MODEL=str(tmp_path / "absent"))
        assert "no model.bin" in complaint(VIVA_WHISPER_MODEL=str(tmp_path))
        (tmp_path / "model.bin").touch()
        assert load_settings(whisper_model=str(tmp_path)).whisper_model == str(tmp_path)

    def test_a_whisper_model_may_be_a_name(self) -> None:
        assert whisper_folder("tiny.en") is None
        assert whisper_folder("some-one/faster-whisper-small") is None
        assert whisper_folder("./models/small") == Path("models/small")

    def test_a_local_voice_must_be_known(self) -> None:
        sentence = complaint(VIVA_LOCAL_TTS_VOICE="darth")
        assert sentence.startswith("VIVA_LOCAL_TTS_VOICE is 'darth', but the voices are heart, ")
        assert load_settings(local_tts_voice="emma").local_tts_voice == "emma"

    @pytest.mark.parametrize(
        ("variables", "model", "voice"),
        [
            ({"OPENAI_API_KEY": "k"}, "gpt-realtime-2.1-mini", "marin"),
            (
                {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://eu.api.openai.com/v1"},
                "gpt-realtime-2.1-mini",
                "marin",
            ),
            ({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, "gpt-4o-mini-tts", "alloy"),
            (
                {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "VIVA_OPENAI_TTS_MODEL": "kokoro"},
                "kokoro",
                "alloy",
            ),
            ({"OPENAI_API_KEY": "k", "VIVA_OPENAI_TTS_MODEL": "tts-1"}, "tts-1", "alloy"),
            (
                {
                    "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
                    "VIVA_OPENAI_TTS_MODEL": "gpt-realtime",
                },
                "gpt-realtime",
                "marin",
            ),
            (
                {"OPENAI_API_KEY": "k", "VIVA_OPENAI_TTS_VOICE": "cedar"},
                "gpt-realtime-2.1-mini",
                "cedar",
            ),
        ],
    )
    def test_a_model_that_speaks_and_its_voice_go_together(
        self,
        monkeypatch: pytest.MonkeyPatch,
        variables: dict[str, str],
        model: str,
        voice: str,
    ) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings = load_settings()
        assert (settings.openai_tts_model, settings.openai_tts_voice) == (model, voice)

    def test_a_realtime_model_must_have_its_voice(self) -> None:
        sentence = complaint(OPENAI_API_KEY="k", VIVA_OPENAI_TTS_VOICE="nova")
        assert sentence.startswith("VIVA_OPENAI_TTS_VOICE is 'nova', but the voices of Realtime")
        assert "alloy, ash, ballad, coral, echo, sage, shimmer, verse, marin, cedar" in sentence
        own = load_settings(
            openai_tts_voice="nova", openai_tts_model="tts-1", openai_base_url="http://127.0.0.1:1"
        )
        assert own.openai_tts_voice == "nova"
        assert load_settings(openai_tts_voice="nova", tts="local").tts_choice == "local"

    def test_a_database_must_be_postgresql_and_its_password_is_not_shown(self) -> None:
        sentence = complaint(DATABASE_URL="mysql://viva:secret@127.0.0.1/viva")
        assert "postgresql://" in sentence
        assert "secret" not in sentence

    def test_a_torn_address_of_a_database_is_told_at_once_without_its_password(self) -> None:
        sentence = complaint(DATABASE_URL="postgresql://viva:p@ssw0rd@localhost/viva")
        assert "%XX" in sentence
        assert "ssw0rd" not in sentence

    @pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "VIVA_PUBLIC_URL", "VIVA_ALLOWED_ORIGINS"])
    def test_addresses_begin_with_their_scheme(self, name: str) -> None:
        assert f"{name} " in complaint(**{name: "jobs.example.com"})

    @pytest.mark.parametrize(
        "value",
        [
            "https://jobs.example/viva",
            "https://jobs.example/viva/",
            "https://jobs.example/?a=hush",
            "https://jobs.example/#hush",
            "https://ada:hush@jobs.example",
            "ada:hush@jobs.example",
            "//jobs.example",
            "ftp://jobs.example",
            "https://",
            "https://:8000",
            "https://jobs.example:port",
            "https://jobs.example:99999",
            "http://::1:8000",
            "http://::1",
            "https://jobs example",
            "https://<your host>",
        ],
    )
    @pytest.mark.parametrize("name", ["VIVA_PUBLIC_URL", "VIVA_ALLOWED_ORIGINS"])
    def test_an_address_that_names_no_host_or_more_than_one_is_refused_without_secrets(
        self, name: str, value: str
    ) -> None:
        sentence = complaint(**{name: value})
        assert sentence.startswith(f"{name} ")
        assert "hush" not in sentence

    @pytest.mark.parametrize(
        "value",
        [
            "https://jobs.example",
            "https://jobs.example/",
            "http://127.0.0.1:9150",
            "http://[::1]:8000/",
            "https://bücher.example",
        ],
    )
    def test_an_address_of_a_host_is_taken(self, value: str) -> None:
        assert load_settings(public_url=f" {value} ").base_url == value.rstrip("/")
        assert load_settings(allowed_origins=[value]).allowed_origins == [value]

    def test_the_address_of_a_provider_may_have_a_path(self) -> None:
        load_settings(openai_base_url="http://127.0.0.1:11434/v1")
        assert "no host" in complaint(OPENAI_BASE_URL="http://::1:11434/v1")

    def test_a_rate_that_is_none_is_refused(self) -> None:
        assert complaint(VIVA_RATE_LIMIT_API="often") == (
            "VIVA_RATE_LIMIT_API is 'often', but must be a rate such as 10/minute."
        )

    def test_misspelt_variables_are_found(self) -> None:
        names = {"VIVA_PROT": "1", "VIVA_PORT": "1", "viva_port": "1", "PATH": "/bin"}
        assert unknown_variables(names) == ["VIVA_PROT"]


class TestExampleFile:
    """`.env.example` lists every setting with its default."""

    def test_it_lists_every_setting_once_and_none_that_is_not_there(self) -> None:
        listed = [name for name, _ in COMMENTED_SETTING.findall(EXAMPLE.read_text("utf-8"))]
        assert sorted(listed) == sorted(variable_name(field) for field in Settings.model_fields)

    def test_its_values_are_the_defaults(self, tmp_path: Path) -> None:
        lines = COMMENTED_SETTING.findall(EXAMPLE.read_text("utf-8"))
        (tmp_path / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in lines), encoding="utf-8"
        )
        assert load_settings().model_dump() == Settings(_env_file=None).model_dump()
        for name, value in lines:
            field = next(f for f in Settings.model_fields if variable_name(f) == name)
            default = Settings.model_fields[field].get_default(call_default_factory=True)
            assert (value == "") == (default in (None, "", [])), f"{name} shows no default"

    def test_every_line_is_a_comment_or_empty(self) -> None:
        lines = EXAMPLE.read_text("utf-8").splitlines()
        assert [line for line in lines if line and not line.startswith("# ")] == []
