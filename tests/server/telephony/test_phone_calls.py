"""Calls before, between and after interviews: who it is, consent, losses, another leg, hang-ups."""

from collections.abc import Awaitable, Callable

import pytest

from server.telephony.first_words import consent_in
from sessions.record.retrying import StoreUnavailable
from sessions.registry import SessionLimitReached
from sessions.session_context import Providers
from sessions.turntaking.causes import EndReason
from tests.fakes.twilio_calls import CALLER, Line, Twilio, new_sid
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge, open_edge
from tests.server.telephony.calls import all_turns_of, consented, heard, turns_of

Seed = Callable[..., Awaitable[SeededInterview]]
PIN = "20734416"


@pytest.fixture
async def interview(phone_edge: Edge, seed_interview: Seed) -> SeededInterview:
    pin_hash = phone_edge.viva.services.pins.hash(PIN)
    return await seed_interview(plan_document=SHORT_PLAN, candidate_phone=CALLER, pin_hash=pin_hash)


@pytest.fixture
def call() -> str:
    return new_sid("CA")


class TestConsent:
    async def test_a_key_agrees_and_cuts_the_notice_short(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str
    ) -> None:
        async with twilio.stream(await twilio.ring(call), call) as line:
            line.playing = False
            await line.until(lambda: line.pending)
            assert not await consented(phone_edge, interview)
            await line.press("1")
            await line.until(lambda: line.cleared)
            await heard(line, 1)
            await line.until(lambda: len(line.heard) > 12_000)
        assert await consented(phone_edge, interview)
        (opening,) = await all_turns_of(phone_edge, interview)
        assert QUESTIONS[0] in opening.text

    @pytest.mark.parametrize("how", ["No, thank you.", "2"])
    async def test_who_does_not_agree_is_let_go_and_nothing_is_kept(
        self,
        phone_edge: Edge,
        twilio: Twilio,
        interview: SeededInterview,
        call: str,
        speak: Speak,
        how: str,
    ) -> None:
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await heard(line, 1)
            if how.isdigit():
                await line.press(how)
            else:
                await line.say(await speak(how))
            assert await line.closed() == 4412
        assert not await consented(phone_edge, interview)
        assert await turns_of(phone_edge, interview) == []
        assert (await twilio.ask(twiml.action, CallSid=call)).verbs == ["Hangup"]
        again = new_sid("CA")
        assert (await twilio.ring(again)).verbs == [
            "Connect"
        ], "who changes his mind may call again"

    async def test_an_answer_that_is_neither_is_asked_for_again(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str, speak: Speak
    ) -> None:
        async with twilio.stream(await twilio.ring(call), call) as line:
            await heard(line, 1)
            await line.say(await speak("Who is there on the line?"))
            await heard(line, 2)
            assert not await consented(phone_edge, interview)
            await line.press("1")
            await heard(line, 3)
        assert await consented(phone_edge, interview)

    @pytest.mark.parametrize(
        ("words", "keys", "meaning"),
        [
            ("Yes.", "", True),
            ("Yes, I agree.", "", True),
            ("Yeah, sure.", "", True),
            ("That's fine.", "", True),
            ("I'm ready.", "", True),
            ("", "1", True),
            ("", "41", True),
            ("No.", "", False),
            ("No, thank you.", "", False),
            ("I don't agree.", "", False),
            ("I'd like to stop.", "", False),
            ("", "2", False),
            ("", "", None),
            ("", "7*", None),
            ("What is this about?", "", None),
            ("Yes, but who will read it?", "", None),
            ("I said yesterday that I would not.", "", None),
        ],
    )
    def test_what_counts_as_consent(self, words: str, keys: str, meaning: bool | None) -> None:
        assert consent_in(words, keys) is meaning


class TestWhoItIs:
    async def test_a_pin_can_be_typed_while_it_is_asked_for(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str
    ) -> None:
        async with twilio.stream(await twilio.ring(call, "+15550001111"), call) as line:
            await line.until(lambda: line.heard)
            await line.press(PIN)
            await line.press("1")
            await line.until(lambda: phone_edge.viva.registry.is_live(interview.interview_id))
        assert await consented(phone_edge, interview)

    async def test_a_pin_can_be_said(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str, speak: Speak
    ) -> None:
        async with twilio.stream(await twilio.ring(call, "anonymous"), call) as line:
            await heard(line, 1)
            await line.say(await speak("Two, zero, seven, three, four, four, one, six."))
            await heard(line, 2)
            await line.press("1")
            await heard(line, 3)
        assert await consented(phone_edge, interview)

    async def test_three_wrong_pins_are_the_last(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str
    ) -> None:
        twiml = await twilio.ring(call, "+15550001111")
        async with twilio.stream(twiml, call) as line:
            for tries in range(3):
                await heard(line, tries)
                await line.press("00000000")
            assert await line.closed() == 4404
        assert (await twilio.ask(twiml.action, CallSid=call)).verbs == ["Hangup"]
        pins = phone_edge.viva.services.pins
        for _ in range(10):
            pins.was_wrong("+15550001111")
        again = new_sid("CA")
        async with twilio.stream(await twilio.ring(again, "+15550001111"), again) as line:
            for tries in range(3):
                await heard(line, tries)
                await line.press(PIN)  # the right one, too late
            assert await line.closed() == 4404

    @pytest.mark.parametrize("said", ["+266696687", "anonymous", "sip:anonymous@anonymous.invalid"])
    async def test_withheld_callers_are_neither_known_nor_counted_together(
        self, phone_edge: Edge, twilio: Twilio, seed_interview: Seed, call: str, said: str
    ) -> None:
        pin_hash = phone_edge.viva.services.pins.hash(PIN)
        await seed_interview(plan_document=SHORT_PLAN, candidate_phone=said, pin_hash=pin_hash)
        store = phone_edge.viva.services.store
        for tried in range(4):
            ref = f"CA-{tried}-{call}"
            async with twilio.stream(await twilio.ring(ref, said), ref) as line:
                for tries in range(3):
                    await heard(line, tries)
                    await line.press("00000000")
                assert await line.closed() == 4404
        async with twilio.stream(await twilio.ring(call, said), call) as line:
            await line.until(lambda: line.heard)
            known = await store.calls.find("twilio", call)
            assert known is not None
            assert (known.number, known.interview_id) == ("", None)
            await line.press(PIN)
            await heard(line, 1)
            known = await store.calls.find("twilio", call)
            assert known is not None
            assert known.interview_id is not None

    async def test_a_number_that_is_not_believed_or_leads_to_two_is_asked_for_the_pin(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, seed_interview: Seed
    ) -> None:
        store = phone_edge.viva.services.store
        await twilio.ring("CA-alone")
        alone = await store.calls.find("twilio", "CA-alone")
        await seed_interview(plan_document=SHORT_PLAN, candidate_phone=CALLER)
        await twilio.ring("CA-two")
        two = await store.calls.find("twilio", "CA-two")
        assert alone is not None
        assert two is not None
        assert (alone.interview_id, two.interview_id) == (interview.interview_id, None)

    async def test_an_interview_that_is_over_is_found_by_nothing(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str
    ) -> None:
        store = phone_edge.viva.services.store
        twiml = await twilio.ring(call)
        await store.interviews.end(interview.organisation_id, interview.interview_id, "recruiter")
        async with twilio.stream(twiml, call) as line:
            assert await line.closed() == 4410
        assert line.heard, "it is said"
        other = new_sid("CA")
        async with twilio.stream(await twilio.ring(other), other) as line:
            await line.until(lambda: line.heard)
            await line.press(PIN)
            await heard(line, 1)
        assert phone_edge.viva.registry.count == 0


class TestNoWayIn:
    @pytest.mark.parametrize(
        ("problem", "code", "after"),
        [
            (SessionLimitReached("full"), 4503, ["Hangup"]),
            (StoreUnavailable("away"), 4503, ["Connect"]),
        ],
    )
    async def test_why_it_does_not_begin_is_said_and_a_full_house_ends_the_call(
        self,
        phone_edge: Edge,
        twilio: Twilio,
        interview: SeededInterview,
        call: str,
        monkeypatch: pytest.MonkeyPatch,
        problem: Exception,
        code: int,
        after: list[str],
    ) -> None:
        async def refuse(_interview: object) -> None:
            raise problem

        monkeypatch.setattr(phone_edge.viva.registry, "open", refuse)
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await line.until(lambda: line.heard)
            await line.press("1")
            before = line.ends
            assert await line.closed() == code
            assert line.ends > before, "a sentence is heard to its end"
        assert (await twilio.ask(twiml.action, CallSid=call)).verbs == after


class TestLegs:
    async def test_a_stream_that_is_lost_is_taken_up_again_without_a_word_on_consent(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str, speak: Speak
    ) -> None:
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await begin(line)
            await line.say(await speak("I like the old oak."))
            await heard(line, 2)
        twiml = await twilio.ask(twiml.action, CallSid=call)
        assert twiml.verbs == ["Connect"]
        async with twilio.stream(twiml, call) as line:
            await heard(line, 1)
        turns = await all_turns_of(phone_edge, interview)
        assert turns[-1].text == f"Welcome back. Here is my question again. {QUESTIONS[1]}"

    async def test_a_server_that_restarts_hangs_up_on_nobody(
        self,
        phone_edge: Edge,
        twilio: Twilio,
        interview: SeededInterview,
        call: str,
        database_url: str,
        local_providers: Providers,
    ) -> None:
        settings = phone_edge.viva.settings
        async with open_edge(settings, database_url, local_providers) as old:
            vendor = Twilio(old.base_url, old.client)
            twiml = await vendor.ring(call)
            async with vendor.stream(twiml, call) as line:
                await line.press("1")
                await heard(line, 1)
                await old.viva.registry.close()
                assert await line.closed() == 1012
        after = twiml.action.replace(old.base_url, phone_edge.base_url)
        again = await twilio.ask(after, CallSid=call)
        assert again.verbs == ["Connect"]
        async with twilio.stream(again, call) as line:
            await heard(line, 1)
        turns = await all_turns_of(phone_edge, interview)
        assert turns[-1].text == f"Welcome back. Here is my question again. {QUESTIONS[0]}"

    async def test_an_end_that_nobody_has_put_into_words_is_told(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str
    ) -> None:
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await begin(line)
            await phone_edge.viva.registry.end(interview.interview_id, EndReason.RECRUITER)
            assert await line.closed() == 1000
        after = await twilio.ask(twiml.action, CallSid=call)
        assert after.verbs == ["Say", "Hangup"]
        assert "The recruiter has ended the interview." in after.said

    async def test_from_the_phone_to_the_browser_and_back(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str, speak: Speak
    ) -> None:
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await begin(line)
            async with phone_edge.tab(interview.join_token) as tab:
                assert await line.closed() == 4409
                after = await twilio.ask(twiml.action, CallSid=call)
                assert after.verbs == ["Say", "Hangup"]
                assert "goes on where" in after.said
                assert tab.of_type("session.ready")[0]["resumed"] is True
                await tab.start()
                again = await tab.expect("turn.committed", index=1)
                assert QUESTIONS[0] in again["text"]
                other = new_sid("CA")
                twiml = await twilio.ring(other)
                async with twilio.stream(twiml, other) as line:
                    await heard(line, 1)
                    assert await tab.closed() == 4409
                    await heard(line, 2)
                    await line.say(await speak("I like the old oak."))
                    await heard(line, 3)
        assert phone_edge.viva.registry.count == 1
        turns = await all_turns_of(phone_edge, interview)
        assert [QUESTIONS[0] in turn.text for turn in turns[:3]] == [True] * 3
        assert "oak" in turns[3].text

    async def test_who_cannot_talk_now_is_let_go_and_goes_on_in_another_call(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str, speak: Speak
    ) -> None:
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await begin(line)
            await line.say(await speak("Sorry, can you call me back later?"))
            assert await line.closed() == 4425
        assert (await twilio.ask(twiml.action, CallSid=call)).verbs == ["Hangup"]
        other = new_sid("CA")
        async with twilio.stream(await twilio.ring(other), other) as line:
            await heard(line, 2)  # who calls, and the question
        turns = await all_turns_of(phone_edge, interview)
        assert turns[2].move == {"kind": "hold", "question": "tree", "adjourn": 1}
        assert turns[3].text == f"Welcome back. Here is my question again. {QUESTIONS[0]}"

    async def test_a_hang_up_in_the_middle_of_a_word_keeps_what_was_said(
        self, phone_edge: Edge, twilio: Twilio, interview: SeededInterview, call: str, speak: Speak
    ) -> None:
        async with twilio.stream(await twilio.ring(call), call) as line:
            await line.press("1")
            line.playing = False
            await line.until(lambda: line.pending)
            sound = await speak("I like the old oak tree in the garden")
            await line.say(sound[: len(sound) * 7 // 8], room_s=0.0)
            await line.until(lambda: line.cleared)  # the interviewer gives way
            await line.hang_up()
        turns = await all_turns_of(phone_edge, interview)
        assert "oak" in turns[-1].text


async def begin(line: Line) -> None:
    """Agree by key, and hear the first question."""
    await line.until(lambda: line.heard)
    await line.press("1")
    first = line.ends
    await line.until(lambda: line.ends > first)
