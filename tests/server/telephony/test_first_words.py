"""First words: people, assistants that screen calls and mailboxes are told from each other."""

import pytest

from server.telephony.first_words import FirstWords, first_words

LINES = {
    FirstWords.YES: ["Yes.", "Yeah, sure.", "I agree.", "Yes, that's fine."],
    FirstWords.NO: ["No.", "No, thank you.", "I do not agree.", "I want to stop."],
    FirstWords.SILENCE: ["", "..."],
    FirstWords.ASKS: [
        "Could you repeat that, please?",
        "Sorry?",
        "What?",
        "Who is this?",
        "Who's calling, please?",
        "Who am I speaking to?",
        "Sorry, who?",
        "What is this about?",
        "What's your name?",
        "May I have your name?",
        "Who may I say is calling?",
        "Which company?",
        "Yes, but who will read it?",
        "I didn't catch that.",
        "Say that again.",
        "Hello?",
        "Hello.",
        "Hello, this is Ada.",
        "Good morning, Ada speaking.",
        "Hello, who is there?",
        "How long does it take?",
        "Is this a robot?",
    ],
    FirstWords.SCREEN: [
        "Go ahead and say your name and why you're calling.",
        "Hi, if you record your name and reason for calling, I'll see if this person is available.",
        "Hi, the person you're calling is using a screening service from Google, and will get a "
        "copy of this conversation. Go ahead and say your name, and why you are calling.",
        "Please state your name and the reason for your call.",
        "Please say your name after the tone, and I will try to connect you.",
        "Please tell me who's calling.",
        "Before I try to connect you, please give me your name.",
        "Please state the purpose of your call.",
    ],
    FirstWords.HOLD: [
        "Thanks, stay on the line.",
        "Thank you. Please hold while I try to connect you.",
        "One moment, please.",
        "Hang on a second.",
        "Hold on, I'll get her.",
    ],
    FirstWords.MAILBOX: [
        "Please leave a message after the tone.",
        "Hi, you've reached Ada. I can't come to the phone right now.",
        "Your call has been forwarded to an automatic voice message system.",
        "The person you are trying to reach is not available. At the tone, record your message.",
        "Leave me a message and I'll get back to you.",
    ],
    FirstWords.OTHER: ["I said yesterday that I would not.", "The weather is nice today."],
}


@pytest.mark.parametrize(
    ("words", "meaning"), [(words, meaning) for meaning, said in LINES.items() for words in said]
)
def test_what_the_far_end_says_is_understood(words: str, meaning: FirstWords) -> None:
    assert first_words(words) is meaning


def test_a_key_decides_whatever_is_said() -> None:
    assert first_words("Who is this?", "1") is FirstWords.YES
    assert first_words("", "72") is FirstWords.NO
