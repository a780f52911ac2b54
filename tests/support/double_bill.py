"""What the double of a provider bills: every request that it answers, whatever becomes of it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class DoubleBill:
    """Quantities by model."""

    audio_ms: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    input_tokens: Counter[str] = field(default_factory=Counter)

    output_tokens: Counter[str] = field(default_factory=Counter)
    """Tokens that were sent before the client went away."""
