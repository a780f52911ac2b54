"""Every threshold of turn-taking, named, in one place, with where its value comes from."""

from dataclasses import dataclass, field

from sessions.turntaking.endpointing.pause_rules import EndpointingRules, ProsodyRules


@dataclass(frozen=True, slots=True)
class Rules:
    """All times in ms. `accommodation` multiplies every wait for the candidate."""

    endpointing: EndpointingRules = field(default_factory=EndpointingRules)
    """How long a pause may last, by the words, the question and the speaker."""

    prosody: ProsodyRules = field(default_factory=ProsodyRules)
    """How the sound of an ending changes that, where an audio model listens."""

    endpoint_silence_ms: float | None = None
    """If set, silence alone ends an answer after this long, whatever the words say."""

    speculate_after_ms: float = 32.0
    """Silence after which the words are asked for and a reply is prepared, unheard: as soon as a
    pause is certain, which is one window of the voice detector. Waiting for longer would save
    hardly any call: nine of ten such pauses last longer than 160 ms, too."""

    accommodation: float = 1.0
    """More than 1 for people who need more time: two doubles every wait."""

    speculation_per_minute: int = 20
    """Replies that may be prepared and thrown away within a minute; beyond it they are prepared
    when the turn is closed. A language model's call costs money: somebody who pauses every three
    seconds for breath stays just inside."""

    drafts_first: float = 4.0
    """Replies that may be prepared and thrown away in an interview before answers allow more."""

    drafts_a_turn: float = 0.5
    """Replies that may be thrown away for each answer that was given, so that a language model is
    called one and a half times a turn at most, over a long interview."""

    draft_later_beyond_ms: float = 1_500.0
    """Words after which a pause may last longer are hardly all: a reply to them is not prepared at
    once."""

    draft_later_ms: float = 700.0
    """How long such a pause has lasted when the reply is prepared after all: most pauses inside an
    answer are over by then, and what is left of the patience (0.8 s at least) hides most of what a
    reply takes."""

    draft_ahead_ms: float = 600.0
    """While the voice still sounds, a reply is prepared to words after which a pause would last no
    longer than this: a yes or no, a request, a whole sentence to a short question, or the next of
    somebody who does not stop to think."""

    take_back_ms: float = 2_200.0
    """A candidate who goes on within this much of the reply's sound was interrupted: the reply
    came too early and is taken back. Thinking pauses of the corpus last 2.5 s at most, and a reply
    begins 0.3 s into one at the earliest. 0: never."""

    understandable_words: int = 6
    """What was heard of a reply that is taken back goes on record only from this many words on:
    less is an acknowledgement, or half a phrase."""

    backchannel_max_ms: float = 700.0
    """Speech over the interviewer's voice that lasts longer is asked for its words at once: "mhm",
    "okay" and coughs are shorter (backchannels average about 400 ms; Ward and Tsukahara 2000)."""

    overlap_max_ms: float = 2_800.0
    """Speech over the interviewer's voice that lasts longer takes the floor, if its words have not
    decided: they are there after `backchannel_max_ms` and what a remote Whisper takes (2 s at the
    99th percentile). The reply is silent meanwhile."""

    hold_max_ms: float = 3_200.0
    """How long a reply is held in all: the longest backchannel, and 2.5 s to learn its words (a
    remote Whisper takes 2 s at the 99th percentile)."""

    transcript_wait_ms: float = 8_000.0
    """After this long without an answer from the transcriber the words count as not understood; of
    an answer of which some are known, those stand, and the rest may come later."""

    answer_max_ms: float = 180_000.0
    """How long one answer may take where the plan says nothing: a story told well takes two
    minutes, and after three a human interviewer looks for a pause."""

    answer_grace_ms: float = 10_000.0
    """How long a small pause is waited for, in which an answer that is too long can be interrupted
    politely. Speech has one every three seconds."""

    insist_ms: float = 4_000.0
    """How much of a polite interruption is said whatever the candidate says meanwhile: "thank you,
    I have to stop you there". After it, the candidate may interrupt again."""

    wordless_ms: float = 20_000.0
    """How long what sounds like a voice goes on without a pause until its words are asked for:
    speech pauses every three seconds for a window of the detector, which asks by itself."""

    wordless_grace_ms: float = 3_000.0
    """How long those words are waited for until the sound counts as noise: a remote Whisper takes 2
    s at the 99th percentile."""

    crosstalk_ms: float = 12_000.0
    """How long voices may keep the interviewer from being heard out from a greeting on, until they
    are told to be others': nobody has more to say to a greeting than two or three sentences."""

    crosstalk_pause_ms: float = 2_000.0
    """Silence of a voice after which it is not one that goes on all the time: people who read or
    chat pause for a second. Somebody who interrupts again has heard the next reply begin before,
    after the end of the turn (0.7 s), the reply's own start (0.3 s) and a second of it."""

    voices_ms: float = 40_000.0
    """How long an answer may take once other voices were told of, that may be what goes on: with
    `answer_grace_ms` it leaves nobody for a minute without a word."""

    noise_sounds: int = 3
    """Sounds without words in one silence that are noise together, and no coughs."""

    noise_prompts_max: int = 2
    """How often the interviewer asks to move somewhere quieter. After that, noise does not take the
    floor any more, and a noisy silence is prompted like any other."""

    no_sound_ms: float = 6_000.0
    """Silence of both before somebody is told of a dead microphone: sooner than the first
    reassurance, which would be beside the point."""

    unclear_below: float = 0.6
    """Words of less confidence are asked for once more, once. Measured with tiny.en: whole
    sentences at 0.89 and above, over pink noise 3 dB below them, too; two voices of the same
    loudness at once at 0.47 to 0.69, two of five below this. A higher bound would ask people again
    whose way of speaking Whisper knows badly."""

    unclear_words: int = 5
    """Fewer words are left alone: a name or a "yes" may be doubtful by itself."""

    filler_ms: float = 1_500.0
    """A reply that has no sound by then is bridged by a word, which is there within 2 s."""

    reply_wait_ms: float = 5_000.0
    """A reply that has no sentence by then is given up, and another asked for that comes at once:
    the language model's own deadline (4 s to its first token) comes first. With its voice, the
    scripted one is heard within 6 s."""

    reply_stall_ms: float = 20_000.0
    """How long after a sentence of a reply the next must be there, or its end."""

    idle_first_ms: float = 20_000.0
    """Silence of both before the first reassurance. People who think about a hard interview
    question take up to a quarter of a minute, and a word before that feels like pressure."""

    idle_next_ms: float = 40_000.0
    """Silence before each further prompt: the second comes a minute after the question."""

    idle_prompts_max: int = 2
    """Prompts that stay unanswered before the candidate is waited for without a word."""

    idle_last_ms: float = 60_000.0
    """Silence after the last prompt, before the clock is stopped: two minutes in all, in which
    somebody who thinks has said so, and a doorbell or a dead headset has been dealt with. More
    would only use up the time of who was called away."""

    time_limit_ms: float = 30 * 60_000.0
    """Length of the whole interview; comes from the invitation."""

    overrun_ms: float = 45_000.0
    """How long an answer may run past the time limit before it is interrupted to close."""

    close_out_ms: float = 60_000.0
    """From asking for the closing words to the end whatever happens."""

    leg_grace_ms: float = 120_000.0
    """How long a session stays in memory while no leg is connected: a page reload, a lost network,
    a call."""

    recruiter_grace_ms: float = 4_000.0
    """How long the floor waits for a recruiter whose connection is lost: long enough for a page
    to come back by itself (a quarter of a second, then twice as long each time: four tries in
    3.75 s), short enough that the candidate does not sit in silence."""

    pause_max_ms: float = 20 * 60_000.0
    """A pause longer than this was forgotten: the interviewer goes on by itself. Longer than any
    doorbell or alarm; somebody who needs more pauses again."""

    reply_failures_max: int = 6
    """Replies in a row that may fail before the session is suspended: with the pauses between them
    they bridge a quarter of a minute, in which a provider restarts."""

    reply_retry_ms: float = 1_000.0
    """Pause before a reply is tried for the third time, twice as long each time after it. The
    second try comes at once."""
