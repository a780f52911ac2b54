"""Warnings about models with an announced end, and the table held against its source."""

import ast
import importlib.util
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.retirements import retirement_of, warnings_for
from server.settings import PROFILE_MODELS

END = date(2027, 1, 6)  # of gpt-4o-mini-tts


@pytest.mark.parametrize(
    ("days_before", "words"),
    [
        (91, None),
        (90, "in 90 days"),
        (2, "in 2 days"),
        (1, "tomorrow"),
        (0, "today"),
        (-1, "was retired"),
    ],
)
def test_a_model_is_warned_of_from_90_days_before_its_end(
    days_before: int, words: str | None
) -> None:
    sentences = warnings_for(["gpt-4o-mini-tts"], END - timedelta(days=days_before))
    if words is None:
        assert sentences == []
    else:
        assert len(sentences) == 1
        assert words in sentences[0]
        assert "gpt-4o-mini-tts" in sentences[0]
        assert "2027-01-06" in sentences[0]


def test_a_provider_in_front_of_the_name_is_understood() -> None:
    assert retirement_of("openai:gpt-4o") == date(2027, 1, 14)
    assert retirement_of("azure_openai:gpt-4o") is None


def test_unknown_and_undated_models_are_never_warned_of() -> None:
    models = ["openai:gpt-5.4", "gpt-transcribe", "tiny.en", "google_genai:gemini-test"]
    assert warnings_for(models, date(2100, 1, 1)) == []


def test_the_providers_own_word_goes_before_the_table() -> None:
    (sentence,) = warnings_for(["tts-1"], END, announced={"tts-1": END + timedelta(days=30)})
    assert "2027-02-05" in sentence
    assert warnings_for(["tts-1"], END, announced={"tts-1": END + timedelta(days=300)}) == []


def test_a_warning_names_what_to_set_instead() -> None:
    (sentence,) = warnings_for(["openai:gpt-4o"], date(2027, 1, 1))
    assert sentence.endswith("choose openai:gpt-6-luna.")


def test_a_model_named_twice_is_warned_of_once() -> None:
    assert len(warnings_for(["tts-1", "tts-1"], END)) == 1


def test_no_profile_names_a_model_that_is_gone() -> None:
    models = {model for names in PROFILE_MODELS.values() for model in names.values()}
    gone = [s for s in warnings_for(models, date(2026, 11, 23)) if "was retired" in s]
    assert gone == []


def announced_by_openai() -> dict[str, str]:
    """Model -> day, as the docstrings of the installed openai package state them."""
    spec = importlib.util.find_spec("openai")
    assert spec is not None
    assert spec.origin is not None
    types = Path(spec.origin).parent / "types"
    announced = {}
    for name in ("shared/chat_model.py", "audio_model.py", "audio/speech_model.py"):
        source = (types / name).read_text(encoding="utf-8")
        texts = [
            node.value.value
            for node in ast.parse(source).body
            if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ]
        for item in re.split(r"\n- ", " ".join(texts)):
            day = re.search(r"Announced\s+shutdown\s+date:\s+(\d{4}-\d\d-\d\d)", item)
            if day:
                announced.update(dict.fromkeys(re.findall(r'"([^"]+)"', item), day[1]))
    return announced


def test_the_table_agrees_with_the_docstrings_of_the_openai_package() -> None:
    announced = announced_by_openai()
    assert len(announced) > 50
    for model, day in announced.items():
        assert retirement_of(model) == date.fromisoformat(day), model
