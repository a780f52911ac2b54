"""What a vendor must be able to do so that candidates can be called: one protocol, one error."""

from typing import Protocol

from server.store.records import Call, Interview


class CallNotPlaced(Exception):
    """The vendor does not place the call; the text is a sentence a person understands."""


class Telephone(Protocol):
    """Calls candidates up."""

    async def call_candidate(self, interview: Interview, number: str, *, address: str) -> Call:
        """Have the number called; the call enters the interview when it is answered. `address` is
        where the vendor reaches this server: https://viva.example.com. Raises CallNotPlaced,
        StoreUnavailable."""
