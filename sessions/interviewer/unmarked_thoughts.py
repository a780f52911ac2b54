"""Unmarked thoughts: sentences in which a model talks to itself, found by how they are worded.

Models that reason write thoughts behind the header too, and sometimes only a closing tag tells, or
nothing. A sentence that may be a thought waits for the end of the reply; one that certainly is one
is never spoken. The patterns are English.
"""

import re

from sessions.interviewer.openings import opening_end
from sessions.interviewer.sentences import FIRST_CHARS

_PERSON = r"(?:the|this|our|my) (?:candidate|user|interviewee|applicant|respondent)"
_MOVES = (
    r"(?:ask|probe|acknowledge|respond|reply|follow up|repeat|rephrase|output|use the|move to q)"
)
_CERTAIN = re.compile(
    rf"\b{_PERSON}(?:'s (?:answer|reply|response|last|words)\b|(?: (?:just|already|really|only|"
    r"also))* "
    r"(?:was|is|has|had|did|didn't|does|doesn't|hasn't|gave|said|says|answered|seems?|sounds?|"
    r"mentioned|"
    r"mentions|wants?|asked|asks|needs?|might|may|talked|talks|described|provided|wrote|shows?|"
    r"should|"
    r"appears|explained|responded|replied|could|will|would|never|claims?|knows)\b)|"
    r"^(?:okay|ok|so|hmm|alright|well|now|and|but|wait|then|,| )*(?:i|we) (?:should|need to|must|"
    r"have to|"
    rf"ought to)(?: (?:now|probably|also|then|first|just|next))* {_MOVES}\b(?! you)|"
    rf"^(?:okay|ok|so|hmm|alright|now|wait|,| )*let me {_MOVES}\b(?! you)(?=.*\b(?:them|him|her|"
    r"about|q\d)\b)|"
    r"^(?:thinking|thoughts?|reasoning|analysis|internal note|internal|scratchpad|chain of "
    r"thought)\s*:|"
    r"\b(?:must-ask|next question (?:in the plan|is q\d)|the system prompt|the rubric)\b|"
    rf"\b(?:ask|asking|probe|tell|thank|greet) (?:{_PERSON})\b",
    re.IGNORECASE,
)
_SUSPECT = re.compile(
    rf"{_CERTAIN.pattern}|\b{_PERSON}\b|\b(?:i|we) (?:should|need to|must|have to|ought to|will|"
    r"could|can|"
    r"might) (?:now |probably |also |then |first |just |next )*(?:ask|probe|acknowledge|respond|"
    r"reply|follow up|"
    r"rephrase)\b(?! you)|^\W*(?:okay|ok|so|hmm|alright|now|wait|first|,| )*let me (?:think|see|"
    r"analy\w+|"
    r"consider|reason|plan|recall|evaluate|check)\b|^\W*(?:okay|ok|so|hmm|alright|well|now|wait|,|"
    r" )*(?:they|"
    r"he|she|his|her|their)(?:'s|'re|'ve)?\b|^\W*(?:hmm|wait|thoughts?|thinking|weak|strong|good "
    r"answer|"
    r"no answer|need to|should)\b|\bq\d+\b",
    re.IGNORECASE,
)
_END = re.compile(r"(?<=[.!?…])(?=\s)|(?<=\n)")


def is_thought(sentence: str) -> bool:
    """Return whether a sentence is certainly no speech to a candidate, but about one."""
    return _CERTAIN.search(sentence.strip()) is not None


def spoken_part(text: str) -> int:
    """Return how much of the text so far is speech; from there on it may be thoughts.

    Of a sentence that has only begun an opening is, and nothing else until there is enough of it to
    tell. That costs no time: nothing is voiced of less.
    """
    at = 0
    sentences = _END.split(text)
    for place, sentence in enumerate(sentences):
        if not sentence.strip():
            at += len(sentence)
            continue
        begun = place == len(sentences) - 1 and not re.search(r"[.!?…]\s*$", sentence)
        if _SUSPECT.search(sentence.strip()) or (begun and len(sentence.strip()) < FIRST_CHARS):
            return at + (opening_end(sentence) or 0)
        at += len(sentence)
    return at


def without_thoughts(text: str) -> str:
    """Return the rest of a reply without the sentences that are thoughts for certain."""
    return "".join(sentence for sentence in _END.split(text) if not is_thought(sentence))
