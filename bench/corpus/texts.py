"""The texts of the corpus: questions with their answers, and what is said over the interviewer.

In an answer `|` marks a place where a person may stop to think in the middle of a thought: after a
conjunction, a filler or an article, after "let me think", between groups of digits. `/` marks a
place where what was said could be all. The generator chooses which of them are pauses, and how
long. Everything is invented for this corpus.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.corpus import untidy_texts


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one corpus.

    `kinds` maps a kind of answer to its questions, each with answers; `again` names the kinds that
    come a second time, with other pauses; `resumes` and `stops` are said over the interviewer;
    `seed` begins every draw.
    """

    seed: int
    kinds: Mapping[str, Mapping[str, tuple[str, ...]]]
    again: tuple[str, ...]
    resumes: tuple[str, ...]
    stops: tuple[str, ...]


YES_NO: dict[str, tuple[str, ...]] = {
    "Have you been on call for a system in production?": (
        "Yes.",
        "Yes, I have.",
        "No, not yet.",
        "Yes, for about two years.",
        "Yes, but | only during office hours.",
        "Um, | no, I haven't.",
    ),
    "Do you have a driving licence?": (
        "Yes, I do.",
        "No, I don't.",
        "Yes.",
        "No, but | I am taking lessons.",
    ),
    "Are you willing to travel once a month?": (
        "Yes, of course.",
        "Yes, that would be fine.",
        "I think so, yes.",
        "No, I would rather not.",
    ),
    "Did you work with the customers yourself?": (
        "Yes, I did.",
        "No, that was another team.",
        "Yes, every day.",
        "Well, | yes, now and then.",
    ),
    "Would you be able to start in September?": (
        "Yes, I would.",
        "No, I need more time.",
        "Yes, that works for me.",
    ),
    "Is this your first job in a support team?": (
        "No, it is my second.",
        "Yes, it is.",
        "No.",
    ),
}

SHORT: dict[str, tuple[str, ...]] = {
    "What is the name of your current employer?": (
        "Harbour Logistics.",
        "It's called, | um, | Green Valley Software.",
        "I work for | Lindqvist and Partners.",
    ),
    "Which programming language do you know best?": (
        "Python.",
        "Python, I would say, and | then Go.",
        "That would be, um, | Java.",
    ),
    "Where would you like to work, in the office or at home?": (
        "At home, mostly.",
        "In the office, or, | well, | maybe two days at home.",
    ),
    "What is your notice period?": (
        "Six weeks.",
        "Three months, but | I can ask for less.",
        "One month to | the end of the quarter.",
    ),
    "In which city did you study?": (
        "In Rotterdam.",
        "First in Leeds, and | then in Porto.",
    ),
}

NUMBERS: dict[str, tuple[str, ...]] = {
    "What is the best telephone number to reach you?": (
        "It's zero four one, | five five two, | nine one three.",
        "Zero seven nine, | three three eight, | two one, | six four.",
        "Plus four four, | two zero, | seven nine four six, | zero one eight two.",
    ),
    "Could you spell your last name for me?": (
        "K, O, W, A, | L, S, K, I.",
        "Sure. / It's M, C, | C, A, R, | T, H, Y.",
        "H, A, double R, | I, S, O, N.",
    ),
    "What is your reference number?": (
        "It is four seven, | eight eight, | zero two five.",
        "Let me look. | Nine one six, | three three, | five zero two.",
        "A B seven, | four four nine.",
    ),
    "How many people were in your team?": (
        "About twelve.",
        "Seven, / no, | eight with me.",
        "Let me think. | Fifteen, I believe.",
    ),
    "What salary do you expect, as a number?": (
        "Around | fifty two thousand a year.",
        "Um, | something like forty eight, / maybe fifty thousand.",
    ),
}

EXPLANATIONS: dict[str, tuple[str, ...]] = {
    "To begin with, could you tell me about the work you do now, and what you like about it?": (
        "I look after | the billing service of a small company. / It is written in Python, and | "
        "I inherited it from another team. / What I like is that, | um, | I can see at once "
        "whether something helps.",
        "I am a nurse in a children's ward, and | I also plan the shifts. / I like that because | "
        "no two days are the same.",
        "At the moment I write tests for a web shop. / It is mostly about | the checkout, and | I "
        "enjoy it because | I find things that nobody else has seen.",
        "I sell kitchens, which | sounds simple, | but, uh, | most of it is listening.",
    ),
    "How would you make a slow web service faster?": (
        "First I would measure. / I would look at the | slowest requests, and | find out where "
        "the time goes. / Often it is the database, so | I would check the queries.",
        "Let me think. | I would begin with a profile, because | guessing takes longer. / Then I "
        "would cache what is read often.",
        "Well, | it depends on what is slow. / If it is the network, | I would send less. / If it "
        "is the processor, um, | I would look for work that | is done twice.",
        "I would ask the people who use it what feels slow, and then I would measure exactly that.",
    ),
    "Why do you want to leave your present position?": (
        "I have learned a lot there, but | the team is being dissolved, and | I would like to go "
        "on with this kind of work.",
        "Honestly, because | I don't learn anything new any more.",
        "It is a long way to drive, | and, um, | my children are still small.",
        "There is no single reason. / The product is going to be sold, and | I would rather "
        "choose my next place myself.",
    ),
    "How do you explain something technical to a customer who is not technical?": (
        "I begin with what they want to do. / Then I use their own words, because | mine are "
        "often strange to them. / And I ask them to tell me | what they have understood.",
        "With a drawing, mostly. / I draw the parts as boxes, and, uh, | I leave out everything "
        "that is not needed.",
        "I compare it with | something they know, / like a library or a kitchen, and | I stop "
        "when they nod.",
    ),
    "What does good teamwork mean to you?": (
        "That people tell each other early when something goes wrong, and | that nobody is blamed "
        "for it.",
        "Hmm, let me think. | I would say | trust. / If I know that my colleague will say no when "
        "she means no, | I can rely on her yes.",
        "It means that | we decide things together, but | one person is responsible in the end.",
    ),
    "How do you decide what to do first when everything is urgent?": (
        "I make a list. / Then I ask what happens if I do nothing, and | that usually sorts it.",
        "I talk to the people who are waiting, because | often it is less urgent than it sounds. "
        "/ And then, um, | I begin with the thing that blocks others.",
        "First the customers who cannot work at all, then everybody else, and I tell them so.",
    ),
    "What would you like to learn in the next year?": (
        "I would like to learn how to | lead a small team. / I have done it for a few weeks, and "
        "| I noticed that I talk too much.",
        "Statistics, I think. / I can read a report, but | I could not, uh, | write one.",
        "A second programming language, / probably | Rust, because | we have a few parts where "
        "speed matters.",
    ),
    "What do you expect from your manager?": (
        "Clear goals, and | time to reach them.",
        "That she tells me what she thinks, even if | it is not nice. / And that, um, | she "
        "defends us when it matters.",
        "I don't need much. / A conversation every two weeks is enough for me, if | it is a real "
        "one.",
    ),
}

STORIES: dict[str, tuple[str, ...]] = {
    "Please tell me about a bug or an outage that was hard to find. How did you get to the "
    "bottom of it?": (
        "Last winter our service lost memory every night. / I compared the graphs with the list "
        "of jobs, and | I found that one report kept all of its rows. / The cause was, um, | a "
        "cache without a limit. / I gave it a limit, and | the problem was gone.",
        "There was a payment that | failed once in a thousand times. / Nobody could repeat it, so "
        "| I wrote a small program that tried it all night. / In the morning, | uh, | we had four "
        "failures, and | all of them were at the change of the hour.",
        "We had a printer that stopped every Tuesday. / It took me weeks. / In the end it was the "
        "| cleaning, because | somebody pulled the plug for the vacuum cleaner.",
        "Let me think. | Yes, there was one in my first year. / The dates were wrong, but | only "
        "for customers in Brazil. / It turned out that, um, | our server did not know their "
        "summer time.",
    ),
    "Tell me about a time when you disagreed with a colleague. What happened?": (
        "A colleague wanted to rewrite the whole program, and | I wanted to change it step by "
        "step. / We wrote down what each way would cost, and | in the end we agreed to begin with "
        "one part.",
        "My manager wanted to promise a date, and | I thought it was too early. / I said so in | "
        "the meeting, which | was, um, | not a good idea. / Later we talked alone, and | we found "
        "a date that both of us believed in.",
        "It was about | the holidays. / We both wanted the same two weeks, and | neither of us "
        "could move. / So we asked a third colleague, who | changed hers.",
    ),
    "Describe a situation in which you had to help an angry customer.": (
        "A man called because | his delivery had not come for the third time. / I let him speak "
        "until he had said everything. / Then I called | the driver while he was waiting, and | "
        "told him the hour. / He thanked me, and | he is still a customer.",
        "There was a lady who | had been charged twice. / She shouted, and | I understood why. / "
        "I paid the money back at once, because | I was allowed to, and | then I explained how it "
        "had happened.",
        "I remember a hotel guest whose room was not ready. / It was late, and, uh, | he had a "
        "small child with him. / I gave them the | meeting room with a sofa, and | I brought tea.",
    ),
    "Tell me about something you are proud of.": (
        "I taught myself to | program when I was thirty. / I had two jobs at that time, so | I "
        "learned at night. / After a year I wrote a tool for our warehouse, and | it is still "
        "used today.",
        "We moved eleven thousand accounts to | a new system in one night. / I had planned it for "
        "months, and | I was very nervous. / At six in the morning, | um, | only three of them "
        "were missing, and | we found those before breakfast.",
        "I organised a | summer school for girls who like mathematics. / The first year we had | "
        "nine of them, and | now there are more than sixty.",
    ),
    "Tell me about a mistake you made, and what you learned from it.": (
        "I once deleted the | wrong table. / It was the live one. / We had a copy from the night "
        "before, so | we lost half a day. / Since then, um, | I type the name of the machine "
        "before I do anything.",
        "I promised a customer something that I could not decide. / I wanted to be kind, but | it "
        "made everything worse. / What I learned is that | no is an answer too.",
        "In my second week I sent a draft to the whole company. / It was embarrassing, but | "
        "people were nice about it. / Now I write the address last.",
    ),
    "Give me an example of a project that you led from start to finish.": (
        "We built a new entrance for the library, and | I was responsible for it. / First I "
        "talked to | the people who work there. / Then we had two drafts, and | the cheaper one "
        "won, because | it was also the better one. / It opened last May.",
        "I introduced | electronic shift plans in our hospital. / At first nobody wanted them. / "
        "So I began with | one ward, / the one with the | youngest staff, and | after three "
        "months, uh, | the others asked for it.",
        "It was a small project, / a calculator for | heating costs. / I wrote it alone, / I "
        "tested it with my neighbours, and then | our company put it on | its web site.",
    ),
}

KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "yes_no": YES_NO,
    "short": SHORT,
    "number": NUMBERS,
    "explanation": EXPLANATIONS,
    "story": STORIES,
}

SPOKEN_RESUMES = (
    "Mm-hmm.",
    "Okay.",
    "Uh-huh.",
    "Right.",
    "Yeah.",
    "I see.",
    "Yes.",
    "Sure.",
)
"""Said to show that one is listening."""

SPOKEN_STOPS = (
    "Wait, can I ask something?",
    "Sorry, could you repeat that?",
    "No, that's not what I meant.",
    "Actually, I would like to add something.",
    "Excuse me, I didn't understand the question.",
    "Sorry, I have to stop you there.",
    "Hold on, what do you mean by that?",
    "Could you speak a little slower, please?",
    "Can we skip this question?",
    "I have already told you about that.",
    "Before you go on, I have a question.",
    "Wait a moment, please.",
)
"""Said to take the floor."""

INTERVIEWER_SPEECHES = (
    "Thank you, that was very helpful. Let me tell you a little about the team before we go on. "
    "There are nine of us, and we look after everything that has to do with payments. We work in "
    "pairs most of the time, and every second Friday we show each other what we have done. With "
    "that in mind, what kind of work would you like to do with us?",
    "I see. For the next question I would like you to imagine a situation. It is Monday morning, "
    "and a customer calls because nothing works any more. At the same time two colleagues are "
    "ill, and your manager is on a train without a connection. What would you do first, and what "
    "would you leave for later?",
    "That makes sense, thank you. We are about half way through now, and you are doing fine. In "
    "the second half I would like to talk about how you work with other people, about plans that "
    "changed, and about things that did not go well. Let us begin with a plan that changed: when "
    "did that last happen to you?",
)
"""What the interviewer is saying meanwhile."""

TUNED = Texts(
    seed=20_251,
    kinds={kind: KINDS[kind] | untidy_texts.KINDS[kind] for kind in KINDS},
    again=("story", "explanation"),
    resumes=SPOKEN_RESUMES + untidy_texts.RESUMES,
    stops=SPOKEN_STOPS + untidy_texts.STOPS,
)
"""The corpus that the rules of endpointing were tuned on."""
