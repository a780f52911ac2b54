"""Where the candidate's wait went: voice to voice, cut at the stamps of a turn. Pure.

Every part is the difference of two neighbouring stamps, so that their sum is the whole wait. What
was done before its turn came (a reply prepared during the pause, sound made ahead) takes none.
"""

from collections.abc import Mapping

PARTS = {
    "notice": "words_asked",
    "transcribe": "transcript_final",
    "begin": "prepare",
    "think": "first_token",
    "write": "first_sentence",
    "voice": "first_audio",
    "hold": "released",
    "send": "first_audio_sent",
    "play": "first_audio_played",
}
"""Each part of the wait, and the stamp that ends it:

notice      until speech had faltered, and its words were asked for
transcribe  until they were there
begin       until a reply to them was being prepared
think       until its first text was there
write       until its first sentence was
voice       until the first sound of that was
hold        until the reply was let out: what was left of the patience
send        until its first sound was sent
play        until it left the candidate's loudspeaker
"""


def breakdown(stamps: Mapping[str, float]) -> dict[str, float]:
    """The parts in ms, rounded to a tenth as the stamps are; a stamp that is missing ends no part.
    Together they are `first_audio_played` - `speech_end`. {} where one of these two is missing, or
    the reply began before the speech was over."""
    at, end = stamps.get("speech_end"), stamps.get("first_audio_played")
    if at is None or end is None or end < at:
        return {}
    parts: dict[str, float] = {}
    for part, stamp in PARTS.items():
        if stamp in stamps:
            reached = min(max(at, stamps[stamp]), end)
            parts[part] = round(reached - at, 1)
            at = reached
    return parts
