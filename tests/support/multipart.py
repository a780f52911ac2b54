"""Parser of multipart/form-data bodies as OpenAI's clients send them. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One field; `filename` and `content_type` are "" where the part states none."""

    name: str
    data: bytes
    filename: str = ""
    content_type: str = ""


def parse(content_type: str, body: bytes) -> list[Part]:
    """Return the parts in order (RFC 7578). Raises ValueError if the body is not
    multipart/form-data."""
    found = re.fullmatch(r'multipart/form-data;.*boundary="?([^";]+)"?.*', content_type)
    if found is None:
        raise ValueError(f"Not multipart/form-data: {content_type}")
    delimiter = b"\r\n--" + found.group(1).encode()
    # The first delimiter has no line before it.
    sections = (b"\r\n" + body).split(delimiter)
    if len(sections) < 2 or not sections[-1].startswith(b"--"):
        raise ValueError("The body ends before its last boundary.")
    return [_part(section) for section in sections[1:-1]]


def _part(section: bytes) -> Part:
    head, separator, data = section.partition(b"\r\n\r\n")
    if not separator:
        raise ValueError("A part has no end of its headers.")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        key, _, value = line.partition(":")
        headers[key.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    values = dict(re.findall(r'(\w+)="([^"]*)"', disposition))
    if "name" not in values:
        raise ValueError("A part has no name.")
    return Part(
        name=values["name"],
        data=data,
        filename=values.get("filename", ""),
        content_type=headers.get("content-type", ""),
    )
