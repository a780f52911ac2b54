"""Session: the actor of one interview, with one mailbox, one consumer and one task group.

It routes and decides nothing. What happened goes to the turn machine; what the machine commands
goes to listening, reply writing, playback and the turn log; and those post what happened next. A
session outlives its legs: it ends with the interview, or is suspended when nobody comes back.
"""

import asyncio
import time
from typing import assert_never

import numpy as np
import structlog
from numpy.typing import NDArray

from sessions.conversation_view import ConversationView
from sessions.cost.economies import unless_capped
from sessions.interviewer.outcome import Outcome, outcome_of
from sessions.keypad import Keypad
from sessions.leg import (
    ANSWERS_A_S,
    ANSWERS_AT_ONCE,
    AnswerComplete,
    ContinuedByCandidate,
    DigitPressed,
    EndRequestedByCandidate,
    FlushDone,
    InterruptRequested,
    Leg,
    LegEnd,
    LegEvent,
    MarkReached,
    MuteChanged,
    OpenedElsewhere,
    PlayedTo,
    TextTyped,
)
from sessions.leg_notifier import END_OF_SUSPENDED, LegNotifier
from sessions.listening.line_echo import LineEchoes
from sessions.listening.listener import Listener
from sessions.listening.streamed_speech import StreamedSpeech
from sessions.monitor.session_monitor import SessionMonitor
from sessions.monitor.session_view import SessionView
from sessions.pending_replies import PendingReplies
from sessions.record.last_entries import KEEP_S, LAST_TRY_S, LastEntries
from sessions.record.turn_log import CheckpointWriter
from sessions.session_context import Providers, SessionContext
from sessions.session_tasks import SessionTasks
from sessions.side_tasks import contained, log_failure
from sessions.speaking.playback import Playback
from sessions.speaking.reply_writer import ReplyWriter
from sessions.token_bucket import limited
from sessions.turn_history import TurnHistory
from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import EndReason
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.rules import Rules
from sessions.turntaking.transitions import InterviewerState
from sessions.turntaking.turns import Speaker

LEG_WAITS_S = 120.0
"""Seconds that a candidate is kept connected to be told that the end is on record: longer than a
database takes to fail over or to start again, and no longer than anybody would wait. Our own
estimate."""

log = structlog.get_logger()


class Session:
    """One interview while it is in memory. Use it from the event loop's thread only."""

    def __init__(self, context: SessionContext, providers: Providers, rules: Rules) -> None:
        self.context = context
        self._providers = providers
        self._tally = tally = providers.costs.open(context.interview_id, context.used)
        self._tasks = SessionTasks(tally)
        voice_model = providers.synthesizer.model
        self._history = TurnHistory(context.turns, voice_model=voice_model, tally=tally)
        self._base_ms = float(context.turns[-1].ended_ms) if context.turns else 0.0
        self._machine = TurnMachine(rules, next_index=len(context.turns), now=self._base_ms)
        self._mailbox: asyncio.Queue[ev.Event | None] = asyncio.Queue()
        self._loop = loop = asyncio.get_running_loop()
        self._began_s = loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._leg: Leg | None = None
        self._opened_ms = 0
        self._begun = self._attached = self._done = False
        self._notifier = LegNotifier(
            lambda: self._leg, lambda: self.time_left_ms, lambda note: self.monitor.on_note(note)
        )
        self._writer = CheckpointWriter(
            providers.log,
            context.session_id,
            self._notifier.committed,
            self._notifier.database_trouble,
        )
        self._last_entries = LastEntries(
            self._writer, providers.log, context.session_id, self._notifier.database_trouble
        )
        voice_ahead = tally.charged(providers.voice_ahead)
        self._conversation_view = ConversationView(
            context, self._history, lambda: self.time_left_ms, voice_ahead
        )
        self._listener = self._make_listener()
        self._echoes = LineEchoes(self.now)
        self._playback = self._make_playback()
        self._answer_typed = limited(
            lambda text: self.post(ev.AnswerTyped(text)), ANSWERS_AT_ONCE, ANSWERS_A_S, loop.time
        )
        self._keypad = Keypad(self._answer_typed, lambda: self._machine.expected_answer)
        writer = ReplyWriter(
            interviewer=providers.interviewer,
            synthesizer=providers.synthesizer,
            now=self.now,
            post=self.post,
            on_audio=self._playback.on_audio,
        )
        self._replies = PendingReplies(writer, self._tasks.spawn)
        self.monitor = SessionMonitor(self._session_view())

    def _session_view(self) -> SessionView:
        return SessionView(
            context=self.context,
            providers=self._providers,
            machine=self._machine,
            history=self._history,
            tally=self._tally,
            now=self.now,
            post=self.post,
            spawn=contained("monitor", self._tasks.spawn),
            leg=lambda: self._leg if self._attached else None,
            notify=self._notifier.notify,
            tell_state=lambda speaks: self._notifier.state(self._machine, speaks),
            playing=lambda: self._playback.playback,
            level_db=self._listener.level_db,
        )

    def _make_playback(self) -> Playback:
        return Playback(
            now=self.now,
            post=self.post,
            on_caption=self._notifier.caption_interviewer,
            ahead_ms=self._providers.ahead_ms,
            on_sent=self._echoes.on_sent,
        )

    def _make_listener(self) -> Listener:
        return Listener(
            vad_ticker=self._providers.vad_ticker,
            transcriber=self._providers.transcriber,
            language=self.context.language,
            turn_model=self._providers.turn_model,
            terms=self._conversation_view.terms,
            now=self.now,
            post=self.post,
            spawn=self._tasks.spawn,
            on_caption=self._notifier.caption_candidate,
            on_trouble=self._notifier.sound_trouble,
            utterance=lambda: self._machine.utterance,
            interim=unless_capped(self._providers.interim, self._tally),
            words_within_s=self._machine.words_within_s,
            streamed=self._tally.charged(StreamedSpeech)(
                self._providers.streaming,
                terms=self._conversation_view.keywords(),
                language=self.context.language,
                second=self._providers.second_hearing,
            ),
        )

    # --- for the edge ----------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether it is over, suspended or broken: no leg can be connected any more."""
        return self._done

    @property
    def over(self) -> bool:
        """Whether the interview has ended and its end is on record."""
        return self._last_entries.ended

    def now(self) -> float:
        """Return session time in ms."""
        return self._base_ms + (self._loop.time() - self._began_s) * 1000

    @property
    def time_left_ms(self) -> float:
        """The rest of the time limit, in ms."""
        return self._machine.time_left_ms(self.now())

    def connect(self, leg: Leg, opened_ms: int | None = None) -> None:
        """Attach a leg and tell it how things stand; close an older one.

        `opened_ms` is when the candidate opened a leg that comes back by itself (Unix time, ms);
        without it, the candidate opens one now. Raises OpenedElsewhere if another was opened since.
        The leg is listened to and speaks after `begin`.
        """
        if opened_ms is None:  # whatever befell the clock, it is the newest
            opened_ms = max(time.time_ns() // 1_000_000, self._opened_ms)
        elif opened_ms < self._opened_ms:
            raise OpenedElsewhere
        self._opened_ms = opened_ms
        if self._leg is not None:
            old = self._leg
            self.disconnect(old)
            old.close(LegEnd.REPLACED)
        self._leg = leg
        self.post(ev.LegConnected())
        self._notifier.reset()
        leg.tell(self._conversation_view.ready(opened_ms))
        self._conversation_view.prefetch()

    async def begin(self, leg: Leg) -> None:
        """Begin, or go on: the candidate on this leg consents and is ready.

        A second call changes nothing. Raises StoreUnavailable.
        """
        if leg is not self._leg or self._attached:
            return
        await self._providers.log.consent(self.context.interview_id)
        if leg is self._leg and not self._attached and not self._done:
            self._attached = True
            if not self._begun:  # waiting for the candidate was no part of the interview
                self._begun, self._began_s = True, self._loop.time()
            self._listener.attach(telephone=leg.telephone, echo=self._echoes.begin(leg))
            self._playback.attach(leg)
            self.monitor.connection_changed(True)
            self.post(ev.LegAttached())

    def disconnect(self, leg: Leg) -> None:
        """Detach a leg that is lost. A leg that was replaced before is ignored."""
        if leg is not self._leg:
            return
        self._leg = None
        if self._attached:
            self._attached = False
            self._listener.detach()
            self._playback.detach()
            self._keypad.reset()
            self.monitor.connection_changed(False)
        self.post(ev.LegDisconnected())

    def end(self, reason: EndReason) -> None:
        """End the interview now; what was said goes on record first."""
        self.post(ev.EndRequested(reason))

    def suspend(self) -> None:
        """Close the leg, and leave memory once everything said is on record: the server stops."""
        leg = self._leg
        if leg is not None:
            self.disconnect(leg)
            leg.close(LegEnd.RESTART)
        self._machine.leave()
        self._mailbox.put_nowait(None)

    # --- from the leg ----------------------------------------------------------------------------

    def hear(self, leg: Leg, samples: NDArray[np.int16]) -> None:
        """Take in the candidate's sound: mono PCM16 at 16 kHz.

        Nobody hears what comes before `begin`: the candidate has not consented to it.
        """
        if leg is self._leg and self._attached:
            self._listener.feed(samples)
            self.monitor.hear(samples)

    def receive(self, leg: Leg, event: LegEvent) -> None:
        """Take in what a leg reports. Reports of a leg that was replaced are ignored."""
        if leg is not self._leg:
            return
        match event:
            case PlayedTo(generation, samples):
                self._playback.played(generation, samples)
            case MarkReached(generation):
                self._playback.marked(generation)
            case FlushDone(generation, samples):
                self._playback.flushed(generation, samples)
            case DigitPressed(digit):
                if self._attached:
                    self._keypad.press(digit)
            case TextTyped(text):
                if self._attached:
                    self._answer_typed(text)
            case AnswerComplete(kept):
                if kept is not None:
                    self.hear(leg, kept)
                self._listener.end_answer()
            case InterruptRequested():
                self.post(ev.StopSpeakingRequested())
            case MuteChanged(muted):
                self._listener.microphone.set_muted(muted)
            case ContinuedByCandidate():
                self.post(ev.ContinueRequested())
            case EndRequestedByCandidate():
                self.end(EndReason.ENDED_BY_CANDIDATE)
            case _:
                assert_never(event)

    def post(self, event: ev.Event) -> None:
        """Put an event into the mailbox."""
        self._mailbox.put_nowait(event)

    # --- the actor -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until the interview is over or nobody comes back.

        An error of the program ends this session only; the record stays, and the interview can be
        entered again.
        """
        with structlog.contextvars.bound_contextvars(
            session_id=str(self.context.session_id), interview_id=str(self.context.interview_id)
        ):
            log.info("session begins", turns=len(self._history.turns))
            try:
                await self._live()
            except asyncio.CancelledError:
                await self._leave(LegEnd.RESTART)
                raise
            except Exception:
                log.exception("session failed")
                await self._leave(LegEnd.BROKEN)
            await log_failure("costs", self._providers.costs.write())

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._tasks.open(group)
            writer = group.create_task(self._writer.run())
            last = await self._consume()
            if isinstance(last, cmd.EndSession):
                # of all that still comes, only words count
                await self._listener.transcription.late_words()
                while not self._mailbox.empty():
                    if isinstance(event := self._mailbox.get_nowait(), ev.LateWords):
                        for command in self._machine.handle(event, self.now()):
                            self._carry_out(command, self.now())
            self._done = True
            self._tasks.stop()
            await self._finish(last)
            writer.cancel()

    async def _consume(self) -> cmd.EndSession | cmd.SuspendSession:
        self._set_timer()
        while True:
            event = await self._mailbox.get()
            now = self.now()
            machine = self._machine
            if isinstance(event, ev.TranscriptFinal):
                self._history.transcript_ready(now)
            for command in machine.expire(now) if event is None else machine.handle(event, now):
                if isinstance(command, cmd.EndSession | cmd.SuspendSession):
                    return command
                self._carry_out(command, now)
            if isinstance(event, ev.PlaybackEnded):
                self._replies.take(event.generation)  # where nothing of it is on record
                self._notifier.drop_interviewer(event.generation)
            self._listener.set_reply_playing(self._machine.interviewer is InterviewerState.SPEAKING)
            self._listener.words_owed = self._machine.owes_words
            if self._begun and not isinstance(event, ev.LegConnected):  # `ready` tells that one
                self._notifier.state(self._machine, self.monitor.takeover.recruiter_speaks)
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline = self._machine.deadline
        if deadline is not None:
            at = self._began_s + (deadline - self._base_ms) / 1000
            self._timer = self._loop.call_at(at, self._mailbox.put_nowait, None)

    async def _finish(self, last: cmd.EndSession | cmd.SuspendSession) -> None:
        """Put everything on record, tell the candidate, and close the leg: in this order.

        The end is told only when it is on record. While the database is away the leg is kept for a
        while, what was said for much longer.
        """
        outcome: Outcome | None = None
        if isinstance(last, cmd.EndSession):
            plan, turns, left_ms = self.context.plan, self._history.turns, self.time_left_ms
            outcome = outcome_of(plan, turns, last.reason, left_ms, closed=last.closed)
            self._last_entries.end = outcome
        writing = asyncio.ensure_future(self._last_entries.write(KEEP_S))
        try:
            done, _ = await asyncio.wait([writing], timeout=LEG_WAITS_S)
            if not done and self._leg is not None:
                self._leg.close(LegEnd.UNAVAILABLE)
                self._leg = None
            recorded = await writing
        finally:
            writing.cancel()
        if isinstance(last, cmd.SuspendSession):
            log.info("session suspended", why=last.why, turns=len(self._history.turns))
            await self._leave(END_OF_SUSPENDED[last.why])
        elif outcome is not None and recorded:
            log.info("session ends", reason=outcome.reason, turns=len(self._history.turns))
            self._notifier.ended(outcome.reason)
            await self._leave(LegEnd.OVER, outcome.reason)
        else:
            await self._leave(LegEnd.UNAVAILABLE)

    async def _leave(self, why: LegEnd, reason: EndReason = EndReason.SUSPENDED) -> None:
        """Let go of everything; try once more what the database has not taken yet."""
        self._done = True
        self._tasks.stop()
        if self._timer is not None:
            self._timer.cancel()
        self._playback.close()
        self._listener.detach()
        leg, self._leg = self._leg, None
        if leg is not None:
            leg.close(why)
        await log_failure("speech stream", self._listener.streamed.close())
        await log_failure("monitor", self.monitor.close(reason))
        if self._last_entries.owed:
            try:
                await self._last_entries.write(LAST_TRY_S)
            except Exception:  # of the program, and perhaps what the session fails of
                log.exception("turns cannot be put on record")

    # --- commands --------------------------------------------------------------------------------

    def _carry_out(self, command: cmd.Command, now: float) -> None:
        match command:
            case cmd.FinishTranscript():
                self._listener.finish(command.utterance, command.attempt)
            case cmd.KeepUtterance():
                self._listener.keep()
            case cmd.ReopenTurn():
                self._history.reopen(command.index)
                self.monitor.turn_reopened(command.index)
                self._listener.reopen()
            case cmd.DropUtterance():
                self._listener.drop()
                self._notifier.drop_candidate(command.utterance)
            case cmd.PrepareReply():
                self._prepare(command)
            case cmd.ReleaseReply():
                self._playback.release(self._replies[command.generation])
            case cmd.SayFiller():
                self._replies.fill(command.generation, self.context.language)
            case cmd.CancelReply():
                self._replies.stop_composing(command.generation)
                self._playback.discard(command.generation)
                self._notifier.drop_interviewer(command.generation)
                reply = self._replies.take(command.generation)
                if reply is not None:
                    self._history.reply_discarded(reply)
            case cmd.HoldPlayback():
                self._playback.hold()
            case cmd.ResumePlayback():
                self._playback.resume()
            case cmd.StopPlayback():
                self._playback.stop()
                self._replies.stop_composing(command.generation)
            case cmd.MoveFloor():
                self.monitor.floor_moved(command)
            case cmd.CheckpointTurn():
                self._checkpoint(command, now)
            case cmd.AmendTurn():
                amended = self._history.amend(command)
                if amended is not None:
                    self._writer.put(amended)
            case cmd.EndSession() | cmd.SuspendSession():
                raise TypeError("the consumer takes these")
            case _:
                assert_never(command)

    def _prepare(self, command: cmd.PrepareReply) -> None:
        self._notifier.sound_trouble(command.cause)
        conversation = self._conversation_view.conversation(
            command.cause,
            "" if command.recorded else command.said,
            command.idle_level,
            urgent=command.urgent,
            telephone=self._leg is not None and self._leg.telephone,
        )
        conversation = self.monitor.with_requests(command.generation, conversation)
        self._replies.compose(command.generation, conversation)

    def _checkpoint(self, command: cmd.CheckpointTurn, now: float) -> None:
        if command.speaker is Speaker.RECRUITER:
            turn = self._history.add_recruiter_turn(command, self._listener)
        elif command.generation is None:
            turn = self._history.add_answer(command, now, self._listener)
            self._notifier.settle_candidate(turn, self._machine.utterance)
        else:
            reply = self._replies[command.generation]
            self._replies.take(command.generation)
            self.monitor.reply_recorded(reply, command)
            turn = self._history.add_reply(command, reply)
            self._notifier.settle_interviewer(turn, command.generation)
            self._conversation_view.prefetch()
        if self._tally.capped:
            self._machine.spare_drafts()
        self._writer.put(turn)
