"""Turn score: how finished the end of an utterance sounds."""

from collections.abc import Callable

import structlog

from audio.smart_turn import INPUT_S, TurnModel
from audio.speech import SPEECH_RATE, SpeechError
from audio.speech_buffer import SpeechBuffer
from sessions.turntaking import events as ev

log = structlog.get_logger()


async def score_end_of_turn(
    model: TurnModel,
    buffer: SpeechBuffer,
    utterance: int,
    attempt: int,
    post: Callable[[ev.Event], None],
) -> None:
    """Post how finished the end of the buffered sound sounds.

    Posts nothing if the model fails: the words alone decide then.
    """
    begin = max(buffer.start, buffer.end - INPUT_S * SPEECH_RATE)
    try:
        finished = await model.finished(buffer.slice(begin, buffer.end))
    except SpeechError as error:
        log.warning("end of turn not scored", problem=str(error))
    else:
        post(ev.EndOfTurnScored(utterance, attempt, finished))
