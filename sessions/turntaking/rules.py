"""Every threshold of turn-taking, named, in one place, with where its value comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """All times in ms. `accommodation` multiplies every patience with the candidate."""

    endpoint_silence_ms: float = 700.0
    """Silence that ends an answer. Conversation analysis puts ordinary gaps between speakers at
    about 200 ms and pauses inside a turn mostly below 700 ms (Heldner and Edlund 2010)."""

    speculate_after_ms: float = 100.0
    """Silence after which the words are asked for and a reply is prepared, unheard: early enough
    that transcription (about 200 ms here) and the first sentence's voice fit into the patience."""

    accommodation: float = 1.0
    """Two gives twice the time to think and to pause; 1 is the ordinary measure."""

    backchannel_max_ms: float = 700.0
    """Speech over the interviewer's voice that lasts longer takes the floor: "mhm", "okay" and
    coughs are shorter (backchannels average about 400 ms; Ward and Tsukahara 2000)."""

    hold_max_ms: float = 3_200.0
    """How long a reply is held in all: the longest backchannel, and 2.5 s to learn its words (a
    remote Whisper takes 2 s at the 99th percentile)."""

    transcript_wait_ms: float = 8_000.0
    """After this long without an answer from the transcriber the words count as not understood."""

    idle_first_ms: float = 9_000.0
    """Silence of both before the first reassurance. People who think about an interview question
    take several seconds; a prompt before about eight feels like pressure."""

    idle_next_ms: float = 12_000.0
    """Silence before each further prompt."""

    idle_prompts_max: int = 6
    """Prompts that stay unanswered before the interview is ended."""

    time_limit_ms: float = 30 * 60_000.0
    """Length of the whole interview; comes from the invitation."""

    overrun_ms: float = 45_000.0
    """How long an answer may run past the time limit before it is interrupted to close."""

    close_out_ms: float = 60_000.0
    """From asking for the closing words to the end whatever happens."""

    leg_grace_ms: float = 120_000.0
    """How long a session without a leg stays in memory: a page reload, a lost network, a call."""

    reply_failures_max: int = 3
    """Replies in a row that may fail before the session gives up."""
