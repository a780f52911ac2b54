"""Keywords of a transcription session: words to expect, in the form that a server takes."""

import re
import unicodedata
from collections.abc import Iterable

MAX_KEYWORDS = 100
MAX_KEYWORD_CHARS = 60
MAX_TOTAL_CHARS = 2_000
"""Bounds of what is sent. OpenAI's documents state none, and refuse the whole update for a keyword
of the wrong form: these are ample for the terms of a plan and far below any limit on a message."""

_BLANKS = re.compile(r"\s+")


def clean_keywords(terms: Iterable[str]) -> list[str]:
    """Return terms as keywords, in their order and each once: one line each, without < and >.

    A term that is empty or too long then is left out, and so is what goes beyond the bounds.
    """
    kept: dict[str, str] = {}
    total = 0
    for term in terms:
        keyword = _cleaned(term)
        key = keyword.casefold()
        if not keyword or len(keyword) > MAX_KEYWORD_CHARS or key in kept:
            continue
        if len(kept) == MAX_KEYWORDS or total + len(keyword) > MAX_TOTAL_CHARS:
            break
        kept[key] = keyword
        total += len(keyword)
    return list(kept.values())


def _cleaned(term: str) -> str:
    """Return a term without controls, surrogates and brackets, its blanks made single spaces."""
    plain = _BLANKS.sub(" ", term.replace("<", " ").replace(">", " "))
    kept = "".join(char for char in plain if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return _BLANKS.sub(" ", kept).strip()
