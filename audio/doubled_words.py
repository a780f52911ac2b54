"""Doubled words: runs of words that Whisper wrote twice in a row though they were said once. Pure.

A prompt can make Whisper write the last clause of a clip a second time, as sure of it as of the
first. People do repeat themselves, so the text alone decides nothing: a run is a reason to hear the
clip again without the prompt, and the time of its words and both hearings settle it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

MIN_GROUP = 3
"""Number of words from which on a group that comes twice in a row is looked into: people double
one and two words all the time ("very, very", "I think, I think")."""

MIN_WORD_MS = 60.0
"""Mean time of sound per word of a group below which it was not said. Measured with tiny.en over
the benches' answers: 0 to 40 ms a word where nobody said it, 93 ms and more where somebody did."""

MIN_DIGIT_MS = 100.0
"""The same for each digit of a number beyond its first, zeros at its end left out ("a million"):
who reads digits out says six or seven a second at most."""

MAX_WORD_MS = 700.0
"""Mean time of sound per word above which words are missing from a text: half the rate of slow
speech (1.5 words a second)."""

BEFORE_WORDS = 40
"""Number of words from the end of the prompt whose repetition is looked for: a long sentence."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """Word of a transcript, and its time from the clip's beginning in ms."""

    text: str
    begin_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Run:
    """Group of words that comes at least twice in a row: `group` words long, from `begin` to `end`.

    The last repetition may be broken off. Positions are indexes of words.
    """

    begin: int
    group: int
    end: int

    def copies(self) -> Iterator[range]:
        """Yield the words of each repetition, the first one included."""
        for begin in range(self.begin, self.end, self.group):
            yield range(begin, min(begin + self.group, self.end))


def find_runs(words: Sequence[str]) -> list[Run]:
    """Find the groups of MIN_GROUP or more words that come twice or more in a row, of any length.

    Case and punctuation do not count. At the very end of the text, half of a group is a repetition,
    and so are MIN_GROUP words of it, or behind a whole repetition any: a transcript ends where its
    tokens do.
    """
    plain = [_plain(word) for word in words]
    runs: list[Run] = []
    at = 0
    while at < len(plain):
        run = _longest_run(plain, at)
        if run is None:
            at += 1
        else:
            runs.append(run)
            at = run.end
    broken_off = None if runs and runs[-1].end == len(plain) else _broken_off(plain)
    return runs if broken_off is None else [*runs, broken_off]


def repeats_words(text: str, before: str = "") -> bool:
    """Return whether a run stands in a text, or begins in the words `before` it."""
    known = before.split()[-BEFORE_WORDS:]
    return any(run.end > len(known) for run in find_runs(known + text.split()))


def unsaid_by_times(
    first: Sequence[HeardWord],
    second: Sequence[HeardWord],
    sound_ms: Callable[[float, float], float],
    before: str = "",
) -> set[int]:
    """Return the indexes of the words of `first` that are a repetition which nobody said.

    `second` is the same clip without the prompt, `sound_ms` returns how much of the clip between
    two times in ms is sound, and `before` is the prompt. As many repetitions stay as took time
    to say in either hearing.
    """

    def spoken(words: Sequence[HeardWord], copies: Iterable[Sequence[int]]) -> int:
        return sum(_took_time([words[at] for at in copy], sound_ms) for copy in copies)

    texts = [word.text for word in second]
    unsaid = _unsaid(
        [word.text for word in first],
        before,
        lambda group, copies: max(spoken(first, copies), spoken(second, _places(group, texts))),
    )
    end = _silent_end(first, sound_ms)
    silent = [first[at].text for at in sorted(end)]
    said_again = _count(silent, texts) >= _count(silent, [word.text for word in first])
    return unsaid if said_again else unsaid | end


def unsaid_by_rate(first: str, second: str, speech_ms: float, before: str = "") -> set[int]:
    """Return the indexes of the words of `first` that are a repetition which nobody said.

    For a transcriber that tells no times: what the hearing without prompt (`second`) has once was
    said once, unless the words that would be left are too few for `speech_ms` of sound.
    """
    words, again = first.split(), second.split()

    def said(group: Sequence[str], copies: Sequence[Sequence[int]]) -> int:
        last = [words[at] for at in copies[-1]]
        if len(last) < len(group) and _count(last, again) >= _count(last, words):
            return len(copies)
        return len(_places(group, again))

    unsaid = _unsaid(words, before, said)
    left = len(words) - len(unsaid)
    return unsaid if speech_ms <= MAX_WORD_MS * left else set()


def _unsaid(
    words: Sequence[str],
    before: str,
    count_said: Callable[[Sequence[str], Sequence[Sequence[int]]], int],
) -> set[int]:
    """Return the indexes of the repetitions beyond those that were said.

    `count_said` gets the words of a group and the indexes of its repetitions.
    """
    known = before.split()[-BEFORE_WORDS:]
    unsaid: set[int] = set()
    for run in find_runs([*known, *words]):
        copies = [
            [at - len(known) for at in copy if at >= len(known)]
            for copy in run.copies()
            if copy[-1] >= len(known)
        ]
        group = [*known, *words][run.begin : run.begin + run.group]
        stands_before = run.begin + run.group <= len(known)
        for copy in copies[max(0 if stands_before else 1, count_said(group, copies)) :]:
            unsaid.update(copy)
    return unsaid


def _took_time(words: Sequence[HeardWord], sound_ms: Callable[[float, float], float]) -> bool:
    """Return whether there is sound enough for these words.

    A repetition that was broken off is judged by the words before its silent end.
    """
    sounds = [sound_ms(word.begin_ms, word.end_ms) for word in words]
    spoken = len(sounds)
    while spoken and not sounds[spoken - 1]:
        spoken -= 1
    if spoken < MIN_GROUP:
        spoken = len(sounds)
    return sum(sounds) >= sum(_least_ms(word.text) for word in words[:spoken])


def _least_ms(word: str) -> float:
    digits = "".join(char for char in word if char.isdigit()).rstrip("0")
    return MIN_WORD_MS + MIN_DIGIT_MS * max(0, len(digits) - 1)


def _silent_end(words: Sequence[HeardWord], sound_ms: Callable[[float, float], float]) -> set[int]:
    """Return the indexes of the words without sound that end a repetition, and with it the text.

    Who begins a clause again and breaks off did not say the rest of it. Fewer than MIN_GROUP are
    left alone: the times of a clip's last word or two are poor.
    """
    runs = find_runs([word.text for word in words])
    if not runs or runs[-1].end < len(words):
        return set()

    def silent_at(at: int) -> bool:
        return not sound_ms(words[at].begin_ms, words[at].end_ms)

    silent: set[int] = set()
    for copy in reversed(list(runs[-1].copies())[1:]):
        without_sound = set(takewhile(silent_at, reversed(copy)))
        if len(without_sound) == len(copy) or len(without_sound) >= MIN_GROUP:
            silent |= without_sound
        if len(without_sound) < len(copy):
            break
    return silent if len(silent) >= MIN_GROUP else set()


def _longest_run(words: Sequence[str], at: int) -> Run | None:
    """Return the longest run that begins at `at`, with the smallest group that it consists of."""
    best: Run | None = None
    longest = 0
    for group in range(1, len(words) - at):
        end = at + group
        while end < len(words) and words[end] == words[end - group]:
            end += 1
        if end <= longest:
            continue
        rest = (end - at) % group
        whole = (end - at) // group
        kept = end - rest if end < len(words) or (whole < 2 and rest < group / 2) else end
        if kept - at - max(group, MIN_GROUP) >= min(group, MIN_GROUP):
            best, longest = Run(at, group, kept), end
    return best


def _broken_off(words: Sequence[str]) -> Run | None:
    """Return the run whose last repetition the end of the text breaks off before its half.

    Of the words that end the text, as many as stand nearest before them count.
    """
    for size in range(len(words) // 2, MIN_GROUP - 1, -1):
        last = len(words) - size
        for at in range(last - size, -1, -1):
            if words[at] == words[last] and words[at : at + size] == words[last:]:
                return Run(at, last - at, len(words))
    return None


def _places(group: Sequence[str], words: Sequence[str]) -> list[range]:
    """Return the first place where a group of words stands, and its repetitions right behind it."""
    size = len(group)
    wanted, plain = [_plain(word) for word in group], [_plain(word) for word in words]
    places: list[range] = []
    for at in range(len(plain) - size + 1):
        if plain[at : at + size] == wanted and (not places or at == places[-1].stop):
            places.append(range(at, at + size))
    return places


def _count(wanted: Sequence[str], words: Sequence[str]) -> int:
    """Return at how many places these words stand."""
    sought, plain = [_plain(word) for word in wanted], [_plain(word) for word in words]
    return sum(plain[at : at + len(sought)] == sought for at in range(len(plain)))


def _plain(word: str) -> str:
    return re.sub(r"[^\w]", "", word.casefold())
