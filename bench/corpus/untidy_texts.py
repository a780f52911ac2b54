"""More texts of the corpus: people who talk less tidily than those of `bench.corpus.texts`.

They begin again, they stop to think in front of nouns and verbs and not only after conjunctions,
and some ask for time. The marks are the same. Everything is invented for this corpus.
"""

YES_NO: dict[str, tuple[str, ...]] = {
    "Do you have experience with night shifts?": (
        "Yeah.",
        "No, I don't have any.",
        "Yes, I do, from the hospital.",
        "Hmm, | not really, no.",
    ),
    "Can you work on Saturdays?": (
        "Yes, I can.",
        "Sure.",
        "Only | every second one.",
        "No, sorry, Saturdays are difficult.",
    ),
    "Are you working anywhere at the moment?": (
        "No.",
        "Yes, part time.",
        "Yes, at | a bakery in my street.",
        "I am, yes.",
    ),
    "Have you ever trained a new colleague?": (
        "Yes, two of them.",
        "Not yet.",
        "Yes, I have, several times.",
    ),
}

SHORT: dict[str, tuple[str, ...]] = {
    "When could you start with us?": (
        "On the first of March.",
        "In about | six weeks, I think.",
        "Well, | whenever you like.",
    ),
    "Where do you live?": (
        "In Utrecht.",
        "Near | the harbour, in Bergen.",
    ),
    "Which tools do you use most?": (
        "A spreadsheet, mostly.",
        "Mainly | a drill and | a good pair of scissors.",
    ),
}

NUMBERS: dict[str, tuple[str, ...]] = {
    "Could you spell your first name for me?": (
        "S, I, O, | B, H, A, N.",
        "It's J, O, | A, C, H, | I, M.",
    ),
    "What is the number of your licence?": (
        "Three three nine, | zero one, | seven two six.",
        "One moment. | Eight four, | nine nine one, | two.",
    ),
    "How many customers do you see in a day?": (
        "Around thirty.",
        "It depends. / Perhaps | forty on a Monday.",
    ),
}

EXPLANATIONS: dict[str, tuple[str, ...]] = {
    "How do you prepare for a difficult conversation?": (
        "I write down the one thing that must be said. / Then I think about | what the other "
        "person is afraid of, and | I try to begin there.",
        "Usually I go for a walk first. / It sounds silly, but | after ten minutes I know what I | "
        "want to say.",
        "I, um, | I rehearse it with my sister. / She is merciless, so | the real talk is easier.",
    ),
    "What is the hardest part of your work?": (
        "The waiting. / You send a sample to the | laboratory, and for two weeks you | cannot do "
        "anything about it.",
        "Probably the telephone. / It rings when you are | in the middle of something, and you "
        "have to | be friendly all the same.",
        "Give me a second. | I think it is saying no to people that | I like.",
        "The hardest part is keeping the records clean when everybody is in a hurry.",
    ),
    "How do you check that your work is right?": (
        "I let it lie overnight. / In the morning I read it as if | somebody else had written it.",
        "We have a | checklist with nine points. / I wrote half of it myself, after | a very "
        "expensive mistake.",
        "I count twice. / And then a colleague | counts again, because you don't see | your own "
        "errors.",
    ),
    "What would you change in your present company?": (
        "I would give the | drivers a say in the routes. / They know the streets, and nobody | "
        "asks them.",
        "Fewer meetings, to be honest. / We spend | Tuesday and Wednesday talking about what we "
        "could have done on | Tuesday and Wednesday.",
        "That's a good question. | I would, uh, | put the two departments into one room.",
    ),
    "How do you learn something new?": (
        "By breaking it. / I take the smallest example that works, change | one thing, and look at "
        "what happens.",
        "I read the whole manual first, which | my friends find strange. / But then I know where "
        "to | look when I need it.",
    ),
}

STORIES: dict[str, tuple[str, ...]] = {
    "Tell me about a day at work that went completely wrong.": (
        "The day of the | flood. / We had water in the cellar, and all the | paper files were down "
        "there. / I rang everybody I knew, and by noon we had | forty people with hair dryers.",
        "It began with a | delayed train. / I came in at ten, my colleague was ill, and | there "
        "were three buses full of visitors at the door. / So, um, | I opened the museum alone.",
        "Once I switched off the wrong | machine. / The whole line stopped. / I told the foreman "
        "at once, and he | laughed, because he had done the same | in his first year.",
    ),
    "Tell me about a time when you had to decide quickly.": (
        "A child had climbed onto the | roof of the school. / I could not leave the others alone, "
        "so I sent | the oldest two for help and stayed below. / It ended well.",
        "Our supplier called at | five on a Friday and said that the price would double. / I "
        "bought for | three months on the spot. / My boss was, well, | surprised.",
        "We were on a ship, | and the engine failed. / I had to choose between | waiting for the "
        "tug and | setting a sail that we had never tried. / We sailed.",
    ),
    "Describe something you built that other people use.": (
        "I made a | map of all the wheelchair ramps in our town. / It started as a list on paper. "
        "/ Now the city | prints it every year.",
        "My team built a small | robot that brings the post. / Nobody needed it, / but everybody | "
        "says good morning to it.",
    ),
}

KINDS = {
    "yes_no": YES_NO,
    "short": SHORT,
    "number": NUMBERS,
    "explanation": EXPLANATIONS,
    "story": STORIES,
}

RESUMES = (
    "Mm.",
    "Hm, okay.",
    "Oh, okay.",
    "Got it.",
    "Yeah, yeah.",
    "Uh-huh, right.",
    "Great.",
    "Of course.",
    "Oh, nice.",
    "True.",
    "Ah, I see.",
    "Alright.",
)

STOPS = (
    "One question about that.",
    "Just a second, please.",
    "I'm sorry, which team was that?",
    "No, no, that was last year.",
    "Can I say something about this?",
    "What do you mean by pairs?",
    "Hang on, my doorbell is ringing.",
    "I didn't get the last part.",
    "Could you go back to the first question?",
    "That's wrong, I'm afraid.",
    "Let me add one thing.",
    "Stop, please.",
)
