"""Token estimates: what a call used that was given up before the provider counted its tokens.

A provider bills a reply that is thrown away all the same. Of each model, the tokens a character
that it counted last say what the characters of such a call come to.
"""

CHARS_PER_TOKEN = 4.0
"""Characters of a token before anything was counted; about that in English."""

_rates: dict[tuple[str, str], tuple[float, float]] = {}


def counted(server: str, model: str, asked: tuple[int, int], written: tuple[int, int]) -> None:
    """Take the characters and the tokens of a call that the provider has counted."""
    before = _rates.get((server, model), (1 / CHARS_PER_TOKEN, 1 / CHARS_PER_TOKEN))
    rates = [
        tokens / characters if characters and tokens else rate
        for (characters, tokens), rate in zip((asked, written), before, strict=True)
    ]
    _rates[server, model] = (rates[0], rates[1])


def estimated(server: str, model: str, asked_chars: int, written_chars: int) -> tuple[int, int]:
    """Return the tokens of a prompt and of a reply of so many characters."""
    asked, written = _rates.get((server, model), (1 / CHARS_PER_TOKEN, 1 / CHARS_PER_TOKEN))
    return round(asked_chars * asked), round(written_chars * written)
