"""Settings of Viva: model names, base URLs, voices, limits; from the environment and `.env`.

Two profiles choose the models: `dev` (cheaper, faster) and `prod`. Whatever is set explicitly wins.
"""

import json
import math
from base64 import b64decode
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from audio.providers.realtime_models import default_voice, is_openai
from server.provider_chains import ChainEntry, EntryKind, language_chain, speech_chain
from sessions.turntaking.rules import Rules

RULES_SET_ELSEWHERE = frozenset(("accommodation", "time_limit_ms", "leg_grace_ms"))
"""Thresholds that have a setting of their own, or come with the invitation."""


class Profile(StrEnum):
    """Column of `PROFILE_MODELS` that fills the model names that are not set."""

    DEV = "dev"
    PROD = "prod"


PROFILE_MODELS: dict[Profile, dict[str, str]] = {
    Profile.DEV: {
        "openai_stt_model": "gpt-transcribe",
        "openai_live_stt_model": "gpt-live-transcribe",
        "openai_tts_model": "gpt-realtime-2.1-mini",
        "llm_model": "openai:gpt-6-luna",
        "whisper_model": "tiny.en",
    },
    Profile.PROD: {
        "openai_stt_model": "gpt-transcribe",
        "openai_live_stt_model": "gpt-live-transcribe",
        "openai_tts_model": "gpt-realtime-2.1-mini",
        "llm_model": "openai:gpt-6.1-terra",
        "whisper_model": "tiny.en",
    },
}
"""Model names as in openai 3.54."""

ENDPOINT_TTS_MODEL = "gpt-4o-mini-tts"
"""Model of the speech endpoint: what a server of one's own is asked for where none is named (see
docs/decisions). At OpenAI it ends on 2027-01-06."""

STT_CHOICES = ("openai", "local")
TTS_CHOICES = ("openai", "local")


LEAST_ACCOMMODATION = 0.5
MOST_ACCOMMODATION = 5.0
"""Bounds of what multiplies the waits; above five, an end would hardly be noticed any more."""


class Settings(BaseSettings):
    """Settings of the server.

    The environment variable of a field is its name in capitals, with the prefix `VIVA_` except for
    DATABASE_URL, OPENAI_API_KEY and OPENAI_BASE_URL.
    """

    model_config = SettingsConfigDict(
        env_prefix="VIVA_", env_file=".env", extra="ignore", populate_by_name=True
    )

    profile: Profile = Profile.DEV

    # --- where things live
    data_dir: Path = Field(
        default=Path(".viva"), description="Embedded database, generated keys, first passwords."
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL 15+ to use in place of the embedded one.",
    )
    database_pool_size: int = Field(default=10, ge=1, le=200)

    # --- the server
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    public_url: str = Field(
        default="", description="The address people see, when a proxy stands in front."
    )
    allowed_origins: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Origins, beside the server's own, that may call the API and open sockets;"
        " separated by commas.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="auto: console on a terminal, JSON elsewhere."
    )
    max_sessions: int = Field(default=200, ge=1, description="Live interviews at once.")

    # --- OpenAI, or any server that speaks its API
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    openai_timeout_s: float = Field(default=8.0, gt=0, description="For a whole request.")
    openai_first_byte_timeout_s: float = Field(default=4.0, gt=0)
    openai_between_chunks_timeout_s: float = Field(default=3.0, gt=0)
    openai_max_retries: int = Field(default=2, ge=0, le=5)

    # --- speech to text
    stt: str = Field(
        default="auto",
        description="Who hears, the next where one fails: openai, local, http://host/v1#model.",
    )
    openai_stt_model: str = ""
    openai_stt_streaming: Literal["auto", "off", "openai", "gateway", "vllm"] = Field(
        default="auto",
        description="Hear while they speak, over a realtime socket of this kind; auto: OpenAI's,"
        " without OPENAI_BASE_URL.",
    )
    openai_live_stt_model: str = ""
    whisper_model: str = Field(
        default="", description="Local Whisper: tiny.en (included), a name, or a folder."
    )
    whisper_workers: int = Field(default=1, ge=1, le=16)
    whisper_queue: int = Field(default=16, ge=1, description="Waiting pieces before refusal.")

    live_captions: bool = Field(
        default=True, description="Transcribe while they speak, too: two to three times the calls."
    )
    second_hearing: bool = Field(
        default=True,
        description="Hear short answers here, too, if the provider gives no confidence.",
    )

    # --- text to speech
    tts: str = Field(
        default="auto",
        description="Who speaks, the next where one fails: openai, local,"
        " http://host/v1#model@voice.",
    )
    openai_tts_model: str = Field(
        default="",
        description="gpt-realtime...: over the Realtime socket; others: the speech endpoint.",
    )
    openai_tts_voice: str = Field(
        default="", description="Unset: marin of Realtime models, alloy of the speech endpoint."
    )
    local_tts_voice: str = "heart"
    tts_workers: int = Field(default=1, ge=1, le=16)
    tts_queue: int = Field(default=32, ge=1)
    voice_cache_mb: int = Field(
        default=64, ge=0, description="Of planned sentences, synthesized ahead; 0: none."
    )

    # --- the interviewer
    llm: str = Field(
        default="auto",
        description="Who writes, the next where one fails: model, provider:model,"
        " http://host/v1#model, scripted.",
    )
    llm_model: str = Field(default="", description="As init_chat_model names it: provider:model.")
    llm_temperature: float | None = Field(default=None, ge=0, le=2)
    llm_reasoning_effort: Literal["", "none", "minimal", "low", "medium", "high"] = Field(
        default="", description="Empty: as little as the model allows, by the table of models."
    )
    llm_first_token_timeout_s: float = Field(default=4.0, gt=0)
    llm_between_tokens_timeout_s: float = Field(default=3.0, gt=0)
    memory_token_budget: int = Field(
        default=3_000, ge=200, description="Tokens of past turns shown verbatim; older: summary."
    )

    # --- access
    jwt_lifetime_s: int = Field(default=8 * 3600, ge=60)
    ticket_lifetime_s: int = Field(default=30, ge=1, le=300)
    join_lifetime_s: int = Field(default=7 * 24 * 3600, ge=60)
    realtime_key_lifetime_s: int = Field(default=2 * 3600, ge=60, le=24 * 3600)
    realtime_refuse_quietly: bool = Field(
        default=False,
        description="What Realtime clients may not set is told by session.updated, not by error.",
    )
    password_hash_workers: int = Field(default=2, ge=1, le=16)
    rate_limit_sign_in: str = "10/minute"
    rate_limit_account: str = Field(
        default="20/hour",
        description="Passwords that fail for one account, whatever addresses they come from.",
    )
    rate_limit_join: str = "30/minute"
    rate_limit_api: str = "300/minute"

    # --- what is kept
    retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Interviews are erased so many days after their end; 0: never by themselves.",
    )

    # --- what may be spent
    cost_cap_interview_usd: Decimal | None = Field(
        default=None,
        gt=0,
        description="An interview that has cost so much goes on without captions of open sentences"
        " and replies prepared ahead, and is not taken up again once it was left.",
    )
    cost_cap_month_usd: Decimal | None = Field(
        default=None,
        gt=0,
        description="Once an organisation has spent so much in a month (UTC), it holds no new"
        " interviews; those that have begun go on.",
    )

    # --- the media path
    endpoint_silence_ms: int | None = Field(
        default=None,
        ge=200,
        le=5_000,
        description="Let silence alone end an answer, after this long; unset: the words decide.",
    )
    accommodation: float = Field(
        default=1.0,
        ge=LEAST_ACCOMMODATION,
        le=MOST_ACCOMMODATION,
        description="Multiplies every wait for the candidate, where an invitation says no other.",
    )
    turn_rules: Annotated[dict[str, float], NoDecode] = Field(
        default_factory=dict,
        description="Thresholds of turn-taking to change, by name (docs/turn-taking.md), as JSON:"
        ' {"filler_ms": 2500}.',
    )
    speculation_per_minute: int = Field(
        default=20,
        ge=0,
        description="Replies prepared ahead and thrown away, a minute and interview, at most.",
    )
    smart_turn_model: Path | None = Field(
        default=None,
        description="Smart Turn v3's ONNX file: it hears how finished an answer sounds, at 0.2 s of"
        " CPU a pause; unset: the words alone decide.",
    )
    leg_grace_s: float = Field(
        default=120.0, ge=5, description="A session waits this long for its candidate's return."
    )

    # --- the telephone
    phone_caller_id: bool = Field(
        default=True,
        description="Whether a caller's number is believed: it can be forged. If not, or where it"
        " leads to no invitation or to several, the PIN is asked for.",
    )
    outbound_calls_per_hour: int = Field(
        default=60,
        ge=0,
        description="Calls placed to candidates, an organisation and hour, at most; 0: no limit.",
    )
    bridge_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What a bridge other than Twilio shows to be let in.",
    )
    vonage_signature_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="The signature secret of a Vonage account: with it, its webhooks are answered.",
    )
    telnyx_public_key: str = Field(
        default="",
        description="The public key of a Telnyx account: with it, its webhooks are answered.",
    )
    twilio_account_sid: str = Field(default="", description="With the token: Twilio is used.")
    twilio_auth_token: SecretStr | None = None
    twilio_from_number: str = Field(
        default="", description="The number candidates are called from, as +15005550006."
    )
    twilio_api_url: str = "https://api.twilio.com"
    twilio_machine: Literal["hang_up", "leave_message", "ignore"] = Field(
        default="hang_up",
        description="What is done when an answering machine answers. ignore: it is not looked for,"
        " which saves the seconds it takes to tell.",
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return [origin.strip() for origin in value.split(",") if origin.strip()]

    @field_validator("turn_rules", mode="before")
    @classmethod
    def _read_rules(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError('Write it as JSON, for example {"filler_ms": 2500}.') from error

    @field_validator("turn_rules")
    @classmethod
    def _are_rules(cls, value: dict[str, float]) -> dict[str, float]:
        known = {rule.name for rule in fields(Rules) if rule.type is float} - RULES_SET_ELSEWHERE
        for name, number in value.items():
            if name not in known:
                raise ValueError(f"There is no threshold {name}; docs/turn-taking.md lists them.")
            if not 0 <= number < math.inf:
                raise ValueError(f"{name} cannot be {number}.")
        return value

    @field_validator("stt", "tts")
    @classmethod
    def _is_speech_chain(cls, value: str) -> str:
        speech_chain(value, openai=False)
        return value

    @field_validator("llm")
    @classmethod
    def _is_language_chain(cls, value: str) -> str:
        language_chain(value, openai=False)
        return value

    @field_validator("host")
    @classmethod
    def _without_brackets(cls, value: str) -> str:
        """Take an IPv6 address out of the brackets that it has in a URL."""
        host = value.strip()
        return host[1:-1] if host.startswith("[") and host.endswith("]") else host

    @field_validator("public_url")
    @classmethod
    def _without_blanks(cls, value: str) -> str:
        return value.strip()

    @field_validator("telnyx_public_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        try:
            length = len(b64decode(value, validate=True))
        except ValueError:
            length = -1
        if value and length != 32:
            raise ValueError("Telnyx's portal shows the public key in base64: 44 characters.")
        return value

    @model_validator(mode="after")
    def _fill_from_profile(self) -> "Settings":
        defaults = dict(PROFILE_MODELS[self.profile])
        if not is_openai(self.openai_base_url):
            defaults["openai_tts_model"] = ENDPOINT_TTS_MODEL
        for name, value in defaults.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        if not self.openai_tts_voice:
            object.__setattr__(self, "openai_tts_voice", default_voice(self.openai_tts_model))
        return self

    @cached_property
    def openai_configured(self) -> bool:
        """Whether OpenAI (or a server that speaks its API) is the default for speech and text."""
        return self.openai_api_key is not None or self.openai_base_url is not None

    @property
    def stt_chain(self) -> tuple[ChainEntry, ...]:
        """Who hears, the first asked first: `stt` with `auto` resolved."""
        return speech_chain(self.stt, openai=self.openai_configured)

    @property
    def stt_streaming_choice(self) -> Literal["off", "openai", "gateway", "vllm"]:
        """Kind of socket that hears candidates while they speak: `auto` resolved."""
        if self.stt_choice != EntryKind.OPENAI:
            return "off"
        if self.openai_stt_streaming != "auto":
            return self.openai_stt_streaming
        return "openai" if self.openai_base_url is None else "off"

    @property
    def tts_chain(self) -> tuple[ChainEntry, ...]:
        """Who speaks, the first asked first: `tts` with `auto` resolved."""
        return speech_chain(self.tts, openai=self.openai_configured, voices=True)

    @property
    def llm_chain(self) -> tuple[ChainEntry, ...]:
        """Who writes, the first asked first: `llm` with `auto` resolved."""
        return language_chain(self.llm, openai=self.openai_configured)

    @property
    def stt_choice(self) -> EntryKind:
        """What hears as long as nothing fails."""
        return self.stt_chain[0].kind

    @property
    def tts_choice(self) -> EntryKind:
        """What speaks as long as nothing fails."""
        return self.tts_chain[0].kind

    @property
    def llm_choice(self) -> EntryKind:
        """What writes as long as nothing fails."""
        return self.llm_chain[0].kind

    @property
    def twilio_configured(self) -> bool:
        """Whether there is a Twilio account to use."""
        return bool(self.twilio_account_sid) and self.twilio_auth_token is not None

    @property
    def base_url(self) -> str:
        """Address in links: `public_url`, or host and port.

        Where the server listens on every network it is localhost: browsers give pages on http a
        microphone there alone.
        """
        host = "localhost" if _every_network(self.host) else in_address(self.host)
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"


def in_address(host: str) -> str:
    """Return a host as it stands in an address: IPv6 in brackets, the % of a zone as %25."""
    return f"[{host.replace('%', '%25')}]" if ":" in host else host


def _every_network(host: str) -> bool:
    """Return whether `host` is one to listen on, but no address to go to: 0.0.0.0 or ::."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:  # a name
        return False
