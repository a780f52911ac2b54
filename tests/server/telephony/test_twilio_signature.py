"""Twilio's signature, against Twilio's own library."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from server.telephony.twilio_signature import is_signed, sign

TOKEN = "12345678901234567890123456789012"
URL = "https://viva.example.com/bridges/twilio/voice?call=7"
FORM = [("CallSid", "CA1"), ("From", "+441632960961"), ("Digits", ""), ("Digits", "1")]

TEXTS = st.text(string.printable + "äöü€", max_size=12)
FORMS = st.dictionaries(TEXTS, TEXTS, max_size=6)


@given(FORMS, st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]))
def test_it_is_what_twilios_library_computes(form: dict[str, str], algorithm: str) -> None:
    oracle = RequestValidator(TOKEN)
    signature = oracle.compute_signature(URL, form, algorithm)
    assert sign(TOKEN, URL, form.items(), algorithm) == signature
    settings = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    assert is_signed(TOKEN, URL, form.items(), signature, settings)
    assert oracle.validate(URL, form, sign(TOKEN, URL, form.items(), algorithm), algorithm)


@pytest.mark.parametrize(
    "signed",
    [
        "https://viva.example.com/voice",
        "https://viva.example.com:443/voice",
        "https://viva.example.com:8443/voice",
        "wss://viva.example.com/voice",
        "wss://viva.example.com/voice/",
        "http://viva.example.com:80/voice",
        "https://viva.example.com/Voice",
        "https://viva.example.com/voice?",
    ],
)
@pytest.mark.parametrize(
    "asked", ["https://viva.example.com/voice", "wss://viva.example.com/voice"]
)
def test_an_address_is_exact_but_for_its_usual_port(signed: str, asked: str) -> None:
    oracle = RequestValidator(TOKEN)
    signature = oracle.compute_signature(signed, {})
    assert is_signed(TOKEN, asked, [], signature) == oracle.validate(asked, {}, signature)


@pytest.mark.parametrize(
    ("signature", "settings"),
    [
        (None, None),
        ("", None),
        ("no base64 ä", None),
        (sign(TOKEN, URL, FORM), "algorithm=HMAC_SHA256"),
        (sign(TOKEN, URL, FORM), "algorithm=MD5"),
        (sign("another token", URL, FORM), None),
        (sign(TOKEN, URL, FORM[:-1]), None),
        (sign(TOKEN, URL.replace("7", "8"), FORM), None),
    ],
)
def test_any_other_is_refused(signature: str | None, settings: str | None) -> None:
    assert not is_signed(TOKEN, URL, FORM, signature, settings)


def test_a_field_given_twice_counts_with_both_values() -> None:
    assert is_signed(TOKEN, URL, FORM, sign(TOKEN, URL, FORM))
    assert is_signed(TOKEN, URL, reversed(FORM), sign(TOKEN, URL, FORM), "algorithm=")


def test_what_is_no_address_is_not_signed() -> None:
    assert not is_signed(TOKEN, "https://[broken", [], sign(TOKEN, "https://[broken"))
