"""Two mixes of answers, each with its kind: a tidy one like the demo's, and an untidy one.

The corpora of `texts` and `held_out_texts` hold hard answers to measure cut-offs by. These hold
what is said in an interview besides: requests, "I don't know", "that's all", a short whole answer,
yes and no, and the untidy one hesitations and beginnings that are taken back. The marks are those
of `bench.corpus.texts`. Everything is invented.
"""

from bench.corpus.texts import Texts

BUG = "Please tell me about a bug that was hard to find."
PROUD = "Tell me about something you are proud of."
TEAM = "What does good teamwork mean to you?"
WORK = "What do you do in your present job?"
ON_CALL = "Have you been on call for a system in production?"
CITY = "Which city do you live in?"
NOTICE = "How long is your notice period?"

DEMO = Texts(
    seed=41_001,
    kinds={
        "request": {
            BUG: ("Could you repeat the question, please?", "What do you mean by hard?"),
            TEAM: ("Can you say that again?", "Sorry, I didn't catch that."),
            WORK: ("Could you speak a little slower, please?", "How long should I talk?"),
        },
        "dont_know": {
            BUG: ("I don't know.", "I can't think of one."),
            TEAM: ("I'm not sure.", "I have no idea, sorry."),
        },
        "thats_all": {
            WORK: ("I look after the payments. That's all.",),
            PROUD: ("We moved the whole company to one calendar. That's it.",),
            TEAM: ("That people help each other. I think that's all.",),
        },
        "short_whole": {
            WORK: ("We build bridges.", "I test software for trains.", "I teach mathematics."),
            TEAM: ("It means that everybody is heard.", "We trust each other."),
            PROUD: ("I built my own kayak.", "My team won a prize for it."),
        },
        "yes_no": {
            ON_CALL: ("Yes.", "No, not yet.", "Yes, I have.", "Yes, for two years."),
        },
        "short": {
            CITY: ("In Bergen.", "I live in Utrecht."),
            NOTICE: ("Three months.", "It is six weeks."),
        },
        "long": {
            BUG: (
                "A payment failed once in a thousand times, and nobody could repeat it. I wrote a "
                "small program that tried it all night. In the morning we had four failures.",
            ),
            PROUD: (
                "I rewrote the import of our reports. It took nine hours before, and it takes "
                "twenty minutes now. Nobody has had to stay late for it since.",
            ),
            WORK: (
                "I work on the search service of a large library. Most of my time goes into "
                "keeping it fast. The rest goes into helping the people who use it.",
            ),
        },
    },
    again=(),
    resumes=(),
    stops=(),
)
"""Tidy answers, as the simulated candidate of the demo gives them."""

UNTIDY = Texts(
    seed=41_002,
    kinds={
        "request": {
            BUG: (
                "Uh, sorry, could you say that again?",
                "Wait. Could you repeat the question?",
                "Hm, what do you mean by hard to find?",
            ),
            TEAM: (
                "Okay, sorry, I didn't understand the question.",
                "Um, can we skip this one?",
            ),
            WORK: ("Well, do you mean the job I have now?",),
        },
        "dont_know": {
            BUG: ("Um, I don't know.", "Honestly, I don't remember."),
            TEAM: ("Oh, I really don't know.", "Well, I'm not sure."),
        },
        "thats_all": {
            WORK: ("I, um, | I drive a forklift, and I load the trucks. So that's it.",),
            PROUD: ("I fixed the, uh, | the heating at home. Yeah, that's all.",),
            TEAM: ("Being on time. And, | and being honest. I think that's about it.",),
        },
        "short_whole": {
            WORK: (
                "Well, I cook in a hospital.",
                "I mean, we repair old clocks.",
                "So I sell shoes.",
            ),
            TEAM: ("You know, we talk a lot.", "I guess nobody works alone."),
            PROUD: ("Um, I learned to swim at fifty.",),
        },
        "yes_no": {
            ON_CALL: ("Uh, yes.", "Yeah, I have.", "No. No, I haven't.", "Hm, no, not really."),
        },
        "short": {
            CITY: ("Um, | in Bergen.", "I live in, uh, | in Leeds."),
            NOTICE: ("I think | three months.", "That would be, um, | six weeks."),
        },
        "restart": {
            BUG: (
                "It was, | I mean, it began with a, | with a customer who saw the wrong price.",
                "We had, | no, wait, | it was my colleague who had found it first.",
            ),
            WORK: (
                "I was, | I am mostly in the, | in the workshop, but I also drive.",
                "So what I do is, | well, | I plan the tours, and then I, | I call the customers.",
            ),
        },
        "thinking": {
            PROUD: (
                "Let me think. | There was a summer school that | I organised for girls who, uh, | "
                "like mathematics.",
                "Hm. | I would say the | map of all the ramps in our town, because | it is used.",
            ),
            TEAM: (
                "I think it is about | trust, and | about, um, | saying no early.",
                "That nobody is blamed, and | that you, uh, | can ask for help.",
            ),
        },
        "long": {
            BUG: (
                "So, the printer stopped every Monday. / And, uh, | nobody knew why. / In the end "
                "it was the cleaning, because | they pulled the plug on Sunday night.",
            ),
            PROUD: (
                "I was, | I mean, I ran the kitchen alone for a month. / We had ninety guests a "
                "day. / And, um, | not one of them waited longer than half an hour.",
            ),
        },
    },
    again=(),
    resumes=(),
    stops=(),
)
"""People who hesitate, begin again and ask."""

MIXES = {"demo": DEMO, "untidy": UNTIDY}
