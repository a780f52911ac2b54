"""Multipart bodies, as clients send them and as they should not."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.multipart import parse


@given(data=st.binary(max_size=300), text=st.text(max_size=30))
def test_what_a_client_sends_is_read_back(data: bytes, text: str) -> None:
    request = httpx.Request(
        "POST",
        "http://localhost/",
        files={"file": ("a.wav", data, "audio/wav")},
        data={"model": "m", "prompt": text},
    )
    parts = {part.name: part for part in parse(request.headers["content-type"], request.read())}
    assert parts["file"].data == data
    assert parts["file"].filename == "a.wav"
    assert parts["file"].content_type == "audio/wav"
    assert parts["model"].data == b"m"
    assert parts["prompt"].data.decode() == text


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno end"),
        ("multipart/form-data; boundary=x", b"--x\r\nno headers\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: a/b\r\n\r\n1\r\n--x--\r\n"),
    ],
)
def test_what_is_not_multipart_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"[Nn]ot|no|ends"):
        parse(content_type, body)
