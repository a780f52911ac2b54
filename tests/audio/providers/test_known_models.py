"""Table of known models: what it says of each, whom it follows by a name, and what a call costs."""

import re
from datetime import date

import pytest

from audio.metering import LOCAL, Consumption, Service
from audio.providers.known_models import (
    Price,
    Source,
    known_model,
    known_models,
    price_of,
    shutdown_of,
)


def used(service: Service, model: str, **quantities: int) -> Consumption:
    return Consumption(service, "api.openai.com", model, **quantities)


def test_every_price_says_where_and_when_it_was_read() -> None:
    for model in known_models():
        assert model.roles
        assert model.price is not None
        assert model.price.source in (Source.DOCUMENTED, Source.REPORTED, Source.SEEN)
        assert re.fullmatch(r"(before )?20\d\d-\d\d(-\d\d)?", model.price.seen)


def test_what_is_cached_never_costs_more_than_what_is_new() -> None:
    for model in known_models():
        price = model.price
        assert price is not None
        if price.text_cached is not None:
            assert price.text_in is not None
            assert price.text_cached <= price.text_in


def test_no_successor_ends_itself() -> None:
    names = ["gpt-4o", "gpt-5", "gpt-5-mini", "tts-1", "whisper-1", "gpt-realtime", "gpt-5.4-nano"]
    for name in names:
        end = shutdown_of(name)
        assert end is not None
        assert end.successor
        assert shutdown_of(end.successor) is None
        assert known_model(end.successor) is not None


def test_a_model_is_known_with_its_provider_and_as_a_snapshot_but_not_elsewhere() -> None:
    luna = known_model("gpt-6-luna")
    assert luna is not None
    assert luna.effort == "none"
    assert known_model("openai:gpt-6-luna") is luna
    assert known_model("gpt-6-luna-2026-09-01") is luna
    assert known_model("azure_openai:gpt-6-luna") is None
    assert known_model("gpt-6-lunatic") is None
    assert shutdown_of("azure_openai:gpt-4o") is None
    assert shutdown_of("gpt-4o-2099-01-01") is None


def test_the_ends_of_the_realtime_voices_are_known() -> None:
    end = shutdown_of("gpt-realtime-mini")
    assert end is not None
    assert end.day == date(2027, 1, 20)
    assert end.successor == "gpt-realtime-2.1-mini"


@pytest.mark.parametrize(
    ("call", "usd"),
    [
        (used(Service.LANGUAGE, "gpt-6-luna", input_tokens=1_000_000), 0.10),
        (
            used(Service.LANGUAGE, "gpt-6-luna", input_tokens=1_000_000, cached_tokens=400_000),
            0.064,
        ),
        (used(Service.LANGUAGE, "gpt-5.4", output_tokens=2_000), 0.03),
        (used(Service.HEARING, "gpt-live-transcribe", audio_ms=90_000), 0.0255),
        # Whoever charges by the minute is not paid by the token as well.
        (used(Service.HEARING, "gpt-transcribe", audio_ms=60_000, audio_input_tokens=600), 0.0045),
        (used(Service.SPEAKING, "tts-1", characters=1_000), 0.015),
        (used(Service.SPEAKING, "gpt-4o-mini-tts", characters=900), 0.015),
        (
            used(Service.SPEAKING, "gpt-4o-mini-tts", characters=9, audio_output_tokens=1_000),
            0.012,
        ),
        (
            used(
                Service.SPEAKING,
                "gpt-realtime-2.1-mini",
                input_tokens=1_000,
                output_tokens=100,
                audio_output_tokens=1_200,
            ),
            0.0006 + 0.00024 + 0.024,
        ),
    ],
)
def test_a_call_costs_what_it_used_at_the_prices_of_its_model(
    call: Consumption, usd: float
) -> None:
    price = price_of(call)
    assert price is not None
    assert price.usd(call) == pytest.approx(usd)


def test_more_cached_tokens_than_tokens_make_nothing_negative() -> None:
    price = Price(Source.DOCUMENTED, "2026-11", text_in=1.0)
    odd = used(Service.LANGUAGE, "any", input_tokens=10, cached_tokens=50)
    assert price.usd(odd) == pytest.approx(10 / 1_000_000)


def test_what_runs_here_is_free_and_what_is_unknown_has_no_price() -> None:
    here = Consumption(Service.SPEAKING, LOCAL, "heart", characters=1_000)
    price = price_of(here)
    assert price is not None
    assert price.usd(here) == 0
    assert price_of(used(Service.LANGUAGE, "qwen3", input_tokens=10)) is None
