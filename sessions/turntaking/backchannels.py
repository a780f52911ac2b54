"""Words that say "go on" rather than "my turn": said over a reply, they do not take the floor."""

import re

BACKCHANNELS = frozenset(
    (
        "mhm mm mmm mm-hmm mm-hm mhmm hm hmm hmmm uh-huh uh huh um ah oh okay ok k yeah yep yes "
        "yup right sure alright great good cool nice exactly true indeed wow i see got it of "
        "course all fine"
    ).split()
)
"""Single words of the usual English listener responses (after Ward and Tsukahara 2000, Jurafsky et
al. 1998); phrases are made of them."""

MAX_WORDS = 3

_WORD = re.compile(r"[^\W_][\w'-]*")


def is_backchannel(text: str) -> bool:
    """Whether `text` is empty of content: at most three words, all of them listener responses.
    Numbers and words in other scripts are content."""
    words = _WORD.findall(text.lower())
    return len(words) <= MAX_WORDS and all(word.strip("-'") in BACKCHANNELS for word in words)
