"""The texts of the held-out corpus: nobody has tuned a rule on these words.

Written by somebody who did not know the rules. The marks are those of `bench.corpus.texts`.
Everything is invented for this corpus.
"""

from bench.corpus.texts import Texts

YES_NO: dict[str, tuple[str, ...]] = {
    "Do you hold a current forklift licence?": (
        "Yes.",
        "I do, yeah. / It runs out in | November, I believe.",
        "No, not right now. / It lapsed and | I never got round to renewing it.",
        "Um, | sort of. / I passed the test but the | card hasn't come through yet.",
    ),
    "Are you comfortable working night shifts?": (
        "Absolutely.",
        "Yep, no problem at all.",
        "I mean, | yes, as long as it isn't | every single week.",
        "Not really, no. / I have two small kids, so | nights would be very hard for me.",
    ),
    "Have you ever managed a budget before?": (
        "No, I haven't.",
        "Yes, I have. / Only a small one, though. / It was for | the kitchen supplies.",
        "Well, not officially. / My boss signed everything, but | I was the one who planned it.",
        "Yeah, for about | six years now.",
    ),
    "Would you be willing to relocate to Leeds?": (
        "Sure.",
        "Possibly. / I'd have to | talk it over with my wife first.",
        "Hmm, | that's a tricky one. / Probably yes, if the | if the pay is right.",
        "No, I'm afraid not.",
    ),
    "Is this your first interview with us?": (
        "It is, yes.",
        "Nope. / I applied back in | twenty twenty-one, for the lab.",
        "Yes, first one. / I'm a bit nervous, to be honest.",
        "Uh, | I think so. / I did speak to | somebody on the phone last week, though.",
    ),
}

SHORT: dict[str, tuple[str, ...]] = {
    "What should we call you?": (
        "Tomasz. / But most people just say | Tom.",
        "It's Priya. / Priya | Raghunathan.",
        "My full name is | Oluwaseun Bakare, but | Seun is fine.",
    ),
    "Where are you based at the moment?": (
        "Dundee.",
        "I'm in, uh, | just outside of | Rotterdam. / Near the port.",
        "Right now I live in the | in the north part of Lyon, | close to my school.",
    ),
    "When could you start?": (
        "Monday. / Honestly, I could start | tomorrow if you want.",
        "Let me think. | I have to give four weeks, so | the ninth of June.",
        "As soon as the | contract is signed, really.",
    ),
    "Which of our two branches would you prefer?": (
        "The harbour one. / It's just a lot | closer to my flat.",
        "Oh, um, | either. / No, sorry, | the one on Mill Street, please.",
        "I would say | the bigger one, because | there I can learn more.",
    ),
}

NUMBERS: dict[str, tuple[str, ...]] = {
    "What's the best phone number to reach you on?": (
        "It's oh seven seven, | four one nine, | double two six, | eight oh five.",
        "Sure. / Five five five, | zero one three, | six, six, | nine eight. / That's my cell.",
        "Zero six, | thirty-one, | eighteen, no wait, | nineteen, | forty, | seventy-two.",
    ),
    "Could you spell your surname for me?": (
        "D, E, L, | A, N, E, Y.",
        "Of course. / K, O, W, | A, L, | C, Z, Y, K. / It's Polish.",
        "Yes. / It's M, C, | then capital G, | R, O, double R, | sorry, R, O, R, Y.",
    ),
    "Can you read me the reference code from your letter?": (
        "B as in Bravo, | seven, seven, | four, | X.",
        "Let me just find it. | Okay, it says | H, R, dash, | two zero, | one five, | F.",
        "Nine one, | Q, T, | three three eight. / I think that's | all of it.",
    ),
    "How many people were on your team?": (
        "Eleven. / Well, twelve if you count | the apprentice.",
        "About, um, | forty | five on the day shift, and | maybe twenty at night.",
        "It was just me and | two other girls. / Three at Christmas.",
    ),
}

EXPLANATIONS: dict[str, tuple[str, ...]] = {
    "Why did you leave your last job?": (
        "The warehouse closed. They moved everything to | a bigger site down in Kent, and I "
        "couldn't | do the drive every day. / It was ninety minutes | each way.",
        "I was, | I mean, we were all on short contracts. When mine came to an end, the | the "
        "school had no money to keep me. / My head teacher wrote me a really | lovely reference, "
        "though.",
        "To be honest, I got bored. / I'd been doing the same | month-end reports for eight "
        "years and | nothing ever changed. / I wanted something with more | contact with "
        "clients.",
    ),
    "How do you keep your work accurate when you're busy?": (
        "I write everything down. On the ward we have these | handover sheets, and I fill mine "
        "in | as I go, not at the end. / If I'm giving anything | high risk, I get a second "
        "nurse to check it.",
        "For me it's about | automating the boring bits. / We run the tests on every | commit, "
        "and nothing gets merged until | somebody else has looked at it.",
        "I count two times. / First when the | the pallet comes in, and then again | before I "
        "sign. / My colleagues laugh at me, but | I have never sent a wrong order.",
    ),
    "What does a typical day look like for you?": (
        "So I get in at about | half past five and check the fridges. Then it's, um, | stocks "
        "and sauces until the fish arrives. / Lunch service starts at noon, and after that it's "
        "just | chaos until ten.",
        "Every day is different. Mostly I'm on site with the | bricklayers, making sure that "
        "they have | what they need. / In the afternoon I do the paperwork.",
        "I calibrate the instruments first. / After that we start with | the samples from the "
        "night, which is normally | thirty or forty tubes. / And then, you know, | the results "
        "go to the doctors by four.",
    ),
    "What do you know about our company?": (
        "I know you started out as a | family bakery, and that you've now got | sixteen shops. / "
        "My aunt actually used to work in | the one by the station.",
        "Quite a bit, I hope. I read your annual report, and what struck me was | how much you "
        "spend on training. / That's kind of | the reason I applied.",
        "Not as much as I should, to be fair. / I know that you make | pumps for, uh, | for "
        "hospitals. / I looked at the website last night, but | it was mostly pictures.",
    ),
    "What would you say is your biggest weakness?": (
        "I'm too slow to ask for help. I'll sit there with a | bug for three hours because | I'm "
        "sure that I nearly have it. / These days I set a timer, so after | forty minutes I go "
        "and ask someone.",
        "My English on the phone. Face to face is okay, but on the phone I | I sometimes lose "
        "the | the little words. / I take a class on Thursdays.",
        "Oh gosh. | I suppose I talk too much. / With customers that's great, but in meetings my "
        "manager has to | sort of wave at me.",
    ),
    "How do you deal with someone who disagrees with you?": (
        "I listen first. Nine times out of ten they've | seen something that I haven't. / If we "
        "still can't agree, then we take it to | the site manager and he decides.",
        "It depends on | who it is. With a parent, I'd invite them in and | go through the "
        "child's work together. / With another teacher, I'd just | have a coffee and talk.",
        "I try to bring it back to the | numbers. / If a client says that | the price is too "
        "high, I ask them, compared to | what? / Usually that gets us | talking properly.",
    ),
}

STORIES: dict[str, tuple[str, ...]] = {
    "Tell me about a time you made a mistake at work.": (
        "Okay, so this was in my | second month as a developer. I ran a script against what I "
        "thought was the | test database. It wasn't. I told my lead straight away, and we | "
        "restored the backup in about an hour. / Since then I've made the | production prompt "
        "bright red.",
        "Um, | let me think. | There was one time I put the wrong | VAT code on a whole batch of "
        "invoices. Nobody noticed for two weeks, and then I found it myself when I was | "
        "reconciling. I rang every customer and | apologised. / It was about sixty calls.",
        "I burned the stock. Forty litres, for a | for a wedding. The chef didn't shout, he just "
        "| looked at me. / So I ran to the restaurant next door, and they | they lent us theirs. "
        "/ Now I always set | two alarms.",
    ),
    "Tell me about a difficult customer or patient.": (
        "We had a gentleman on the ward who | wouldn't take his tablets. Everyone had tried. I "
        "sat down with him, not to talk about | medicine, just about his garden. After maybe | "
        "twenty minutes he said that the | big white ones made him choke. / So I asked the "
        "pharmacist for | the liquid.",
        "There was this lady who came back with a | a washing machine she'd bought | four years "
        "before. She wanted a full refund. I couldn't give her that, obviously, but | I found "
        "her the part, and I showed her how to | fit it. / She sent us a card at Christmas.",
        "In my country I have worked in a | hotel, at the reception. A man arrived at midnight "
        "and we had | no room for him. He was very angry, and | I understand him. / I called, I "
        "don't know, | seven or eight hotels, until one said yes. / I paid his taxi from | the "
        "small cash.",
    ),
    "Describe a time you had to work under pressure.": (
        "Last winter, when the | flu was going round, we had half the lab off sick. It was me "
        "and | one trainee for the whole weekend. I made a list of what was | urgent and what "
        "could wait till Monday. / We got through | every urgent sample on time.",
        "Black Friday. Every year it's the same, but | twenty nineteen was something else. The "
        "conveyor broke at, what, | six in the morning? We carried the boxes | by hand, in a "
        "line, like | like passing buckets at a fire. / All the lorries left before | nine.",
        "Well, we were pouring a | concrete slab and the weather turned. You can't just stop | "
        "halfway through. / So I got the lads to put up | sheeting, and I called the plant and "
        "asked them to | hold the last two loads. / It wasn't pretty, but it set fine.",
    ),
    "Tell me about something you're proud of.": (
        "There's a boy in my class, I'll call him | Sam, who couldn't read at all in September. "
        "We did ten minutes every morning, | just the two of us, with | comics. In June he read "
        "out a poem in assembly. / I'm not ashamed to say that | I cried a bit.",
        "I think it would be the | the migration. We moved about | three hundred services to the "
        "new cluster with, uh, no downtime. Well, | four minutes of downtime. / My part was the "
        "rollback tooling, which luckily | nobody ever needed.",
        "Salesman of the quarter. I know it sounds silly, but I'd only been there for | five "
        "months. / I landed a | a dairy that had said no to us | three years in a row. / All I "
        "did was drive out there and | look at their actual tanks.",
    ),
    "Tell me about a time you changed someone's mind.": (
        "My manager wanted to | cancel the morning briefing. He thought it was a waste of | "
        "fifteen minutes. I asked him to give me | two weeks, and I wrote down each | mistake "
        "that we caught in it. There were nineteen. / We still have the briefing.",
        "Hmm, | that's a good question. I suppose the owner, with the | menu. He had sixty "
        "dishes on there, and we were throwing away | so much food. I cut it down to | twenty "
        "for one weekend, as a trial. / The takings went up, and | that was that.",
        "Our auditors, actually. They said we must write off the old stock, all of it. I went to "
        "the | cellar with my, | how do you say, my clipboard, and I counted. / More than half "
        "was | already sold, only not yet | delivered. / They corrected the report.",
    ),
}

RESUMES: tuple[str, ...] = (
    "Mm-hmm.",
    "Okay, sure.",
    "Right.",
    "Uh-huh, yeah.",
    "I see.",
    "Oh, nice.",
    "Yeah, yeah.",
    "Mmm.",
    "Got it.",
    "That makes sense.",
    "Ah, okay.",
    "Hm, interesting.",
)

STOPS: tuple[str, ...] = (
    "Sorry, can I just ask something?",
    "Hang on a second.",
    "Wait, which job is this about?",
    "Could you say that again, please?",
    "Actually, I wasn't quite finished.",
    "No, that's not what I meant.",
    "Excuse me, I didn't catch that.",
    "Before you go on, one question.",
    "Hold on, my phone is ringing.",
    "Oh, I forgot to mention something.",
    "Stop, please.",
    "What do you mean by flexible hours?",
    "Let me correct that last bit.",
    "Can we go back to the salary?",
)

HELD_OUT = Texts(
    seed=77_003,
    kinds={
        "yes_no": YES_NO,
        "short": SHORT,
        "number": NUMBERS,
        "explanation": EXPLANATIONS,
        "story": STORIES,
    },
    again=("short", "number", "explanation", "story"),
    resumes=RESUMES,
    stops=STOPS,
)
