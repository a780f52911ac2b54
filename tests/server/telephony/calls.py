"""What tests of calls look at."""

from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Turn
from tests.fakes.twilio_calls import Line
from tests.seeding import SeededInterview
from tests.server.edge import Edge


async def turns_of(edge: Edge, interview: SeededInterview) -> list[Turn]:
    """What is on record."""
    store = edge.viva.services.store
    found = await store.interviews.transcript(interview.organisation_id, interview.interview_id)
    return [recorded.turn for recorded in found]


async def all_turns_of(edge: Edge, interview: SeededInterview) -> list[Turn]:
    """What is on record once the session, if there is one, has ended."""
    await edge.viva.registry.end(interview.interview_id, EndReason.RECRUITER)
    return await turns_of(edge, interview)


async def consented(edge: Edge, interview: SeededInterview) -> bool:
    """Whether consent is on record."""
    store = edge.viva.services.store
    found = await store.interviews.find(interview.organisation_id, interview.interview_id)
    assert found is not None
    return found.begun


async def heard(line: Line, replies: int) -> None:
    """So many replies have been played to their end."""
    await line.until(lambda: line.ends >= replies)
