"""Has an audio model judge how finished an utterance sounds."""

from collections.abc import Callable

import structlog

from audio.smart_turn import LOOKS_BACK_S, TurnModel
from audio.speech import SPEECH_RATE, SpeechError
from audio.speech_buffer import Tape
from sessions.turntaking import events as ev

log = structlog.get_logger()


async def hear_ending(
    model: TurnModel, tape: Tape, utterance: int, attempt: int, post: Callable[[ev.Event], None]
) -> None:
    """Post how finished the last of what is on the tape sounds; if it cannot be told, nothing: the
    words alone decide."""
    begin = max(tape.start, tape.end - LOOKS_BACK_S * SPEECH_RATE)
    try:
        finished = await model.finished(tape.slice(begin, tape.end))
    except SpeechError as error:
        log.warning("ending not judged", problem=str(error))
    else:
        post(ev.EndingHeard(utterance, attempt, finished))
