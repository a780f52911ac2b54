"""Erasure on the command line: an interview, or all interviews of a candidate."""

from uuid import UUID

from server.administration.database import CommandRefused
from server.store.erasure import StillLive
from server.store.store import Store


async def erase_by_id(store: Store, interview: str) -> str:
    """Erase an interview with all that is on record of it; return what was done, as a sentence."""
    try:
        interview_id = UUID(interview)
    except ValueError as error:
        raise CommandRefused(f"{interview} is not the id of an interview.") from error
    try:
        if not await store.erasure.erase(interview_id):
            raise CommandRefused("There is no interview with this id.")
    except StillLive as error:
        raise CommandRefused(str(error)) from error
    return "The interview is erased, with all that was on record of it."


async def erase_by_contact(store: Store, *, email: str | None, phone: str | None) -> str:
    """Erase all interviews of a candidate, of every organisation; return what was done."""
    if email is None and phone is None:
        raise CommandRefused("Give the candidate's --email or --phone.")
    try:
        erased = await store.erasure.erase_candidate(email=email, phone=phone)
    except StillLive as error:
        raise CommandRefused(f"{error} Nothing was erased.") from error
    if not erased:
        raise CommandRefused("There is no interview of this candidate.")
    return f"{erased} {'interview is' if erased == 1 else 'interviews are'} erased."
