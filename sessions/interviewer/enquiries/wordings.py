"""Wordings of enquiries: for each topic, how people ask, as patterns over plain words.

A pattern has to match all of a sentence, without its interjections, its politeness and its marks.
Names in `<CAPITALS>` stand for `GROUPS`, what is said in many ways. The patterns are English.
"""

import re
from enum import StrEnum


class Topic(StrEnum):
    """Topic of an enquiry."""

    REAL_PERSON = "real_person"
    WHO = "who"
    SEES = "sees"
    RECORDED = "recorded"
    READERS = "readers"
    DATA = "data"
    LENGTH = "length"
    LEFT = "left"
    GOT_IT = "got_it"
    JUDGED = "judged"
    RESULT = "result"
    ADD = "add"
    CORRECT = "correct"
    START_OVER = "start_over"
    UNFINISHED = "unfinished"
    ALREADY_SAID = "already_said"
    LANGUAGE = "language"
    AIDS = "aids"
    NERVES = "nerves"
    TROUBLE = "trouble"
    PAY = "pay"
    HUMAN = "human"
    VOLUNTARY = "voluntary"
    VOLUME = "volume"
    ACCOMMODATION = "accommodation"
    ON_TOPIC = "on_topic"


GROUPS = {
    "BE": r"(?:am|is|are|was|were)",
    "YOU": r"(?:you|this|that|it|i|there)",
    "BOT": r"(?:ai|a i|artificial intelligence|bot|robot|machine|computer|program|programme|"
    r"chatbot|chat bot|software|language model|llm|chatgpt|gpt|virtual assistant|automated|"
    r"automatic|voice assistant|algorithm|app|system)",
    "PERSON": r"(?:person|human|human being|man|woman|somebody|someone|people|real)",
    "REAL": r"(?:real|actual|live|true|genuine|living|proper|kind of|sort of)",
    "ANSWER": r"(?:answer|answers|reply|response|responses|story|example|words|voice|last part|"
    r"last answer|whole answer|explanation|point|number|name|everything|all|all of it|all of that|"
    r"what i said|what i just said|what i was saying|me)",
    "THAT": r"(?:that|this|it|me|everything|all(?: of)?(?: it| that| this)?|what i (?:just "
    r")?(?:said|told you|say|was saying)|(?:my|the) (?:last |whole |previous )?(?:answer|answers|"
    r"reply|response|point|story|example|number|name|voice))",
    "INTERVIEW": r"(?:interview|call|conversation|talk|chat|session|meeting|thing|process|test)",
    "RECORD": r"(?:recorded|recording|taped|saved|stored|kept|logged|written down|transcribed|"
    r"documented|captured|monitored)",
    "READ": r"(?:read|reads|reading|see|sees|seeing|hear|hears|hearing|listen to|listens to|"
    r"listening to|review|reviews|reviewing|look at|looks at|looking at|get|gets|evaluate|"
    r"evaluates|evaluating|check|checks|judge|judges|assess|assesses|have access to|has access to|"
    r"access|watch|watches|be reading|be listening to|be reviewing|receive|receives)",
    "MAY": r"(?:may|can|could|might|should|shall) i(?: just| please| quickly| maybe| perhaps)*",
    "WANT": r"i(?:'d| would)? (?:just )?(?:like|want|need|have|wanted|wish|love)(?: to)?(?: just| "
    r"quickly| please)?|let me(?: just| quickly)?|i (?:should|must|have to|forgot to)",
    "SOMETHING": r"(?:something|one thing|one more thing|a thing|one more point|a point|anything|"
    r"a detail|a few things|a few words|a word|another thing|another point|more|a bit more|a "
    r"little more|to that|to it|to my answer|to my last answer|to what i said|something to that|"
    r"something to my answer|one thing to that|an example|another example|a comment|some detail|"
    r"some details)",
    "EARLIER": r"(?:before|already|earlier|just now|a minute ago|a moment ago|previously|just|"
    r"twice|a while ago)",
    "MINE": r"(?: (?:in|with|about|there|before|earlier|just now|sorry|actually|what i said|my|"
    r"the|last|previous|first|answer|reply|question|number|here|a|moment|minute|ago|when|i|told|"
    r"you))*",
    "TAIL": r"(?: (?:please|now|right now|today|here|at all|actually|then|too|as well|by the way|"
    r"or not|or what|for me|again|so far|yet|at the moment|in total|altogether|all in all|"
    r"properly|okay|ok|correctly|clearly|well|still|this|that|it|for this|for that|exactly|really|"
    r"thanks|thank you|sorry|though|if i may|if that's okay|if that's all right|first|before we "
    r"go on|quickly|afterwards|after|later|in the end|by any chance))*",
}

PATTERNS: dict[Topic, tuple[str, ...]] = {
    Topic.REAL_PERSON: (
        r"<BE> <YOU> (?:really |actually |just |only |talking to |speaking to |speaking with |"
        r"talking with |even |some |maybe )*(?:a |an |the )?(?:<REAL> )*(?:<PERSON>|<BOT>)(?: "
        r"(?:or|and) .{1,40})?<TAIL>",
        r"<BE> i (?:really |actually |just )*(?:talking|speaking|chatting|dealing)(?: here)? "
        r"(?:to|with) (?:a |an |some )?(?:<REAL> )*(?:<PERSON>|<BOT>)(?: (?:or|and) "
        r".{1,40})?<TAIL>",
        r"(?:you(?:'re| are|r)|this is|that's|it's) (?:really |actually |just |only |probably "
        r")*(?:not )?(?:a |an )?(?:<REAL> )*(?:<PERSON>|<BOT>)(?: (?:or|and) .{1,40}| right| "
        r"isn't it| aren't you)*<TAIL>",
        r"(?:is|are) (?:there )?(?:a |an |any )?(?:<REAL> )*(?:<PERSON>|<BOT>|anybody|anyone)(?: "
        r"on the other (?:end|side)| behind (?:this|that|it|you)| on the line| speaking| talking| "
        r"asking(?: me)?(?: these)?(?: questions)?)+<TAIL>",
        r"<BE> (?:this|you|it) (?:just |only )?a (?:recording|tape)<TAIL>",
        r"who or what (?:are you|am i (?:talking|speaking) (?:to|with))<TAIL>",
        r"do(?:es)? (?:you|this) (?:count as|feel like|work like) .{0,20}(?:<PERSON>|<BOT>).{0,20}",
        r"is (?:that|this) (?:your |a )?(?:<REAL> )?(?:voice|person)(?: real| speaking)?<TAIL>",
        r"is (?:that|this|your) voice (?:<REAL>|computer generated|generated|synthetic|"
        r"human)<TAIL>",
        r"what (?:kind of|sort of)? ?(?:<BOT>|model) are you<TAIL>",
    ),
    Topic.WHO: (
        r"who (?:are you|is this|is that|am i (?:talking|speaking) (?:to|with)|is (?:speaking|"
        r"talking|there|calling|asking)|made you|built you|do i (?:talk|speak) (?:to|with))<TAIL>",
        r"(?:what(?:'s| is| was)) your name(?: again)?<TAIL>",
        r"(?:what|who) are you<TAIL>",
        r"do you have a name<TAIL>",
        r"(?:who|what company|which company) (?:do you|are you) (?:work|working|calling|"
        r"speaking)(?: for| from| on behalf of)?<TAIL>",
        r"how (?:should|can|do|may) i call you<TAIL>",
    ),
    Topic.SEES: (
        r"(?:can|do|could|are) you (?:actually |really |even )?(?:see|seeing|watch|watching|"
        r"looking at|look at) (?:me|my face|my screen|my room|us|anything|what i'm doing|my "
        r"(?:video|picture|camera)|through .{1,20})<TAIL>",
        r"(?:is|should|does|do|must|did) (?:my|the|a|your|this|i)(?: need)?(?: to)? ?(?:camera|"
        r"video|webcam|picture|screen|turn on|have|switch on|use|turn)(?: (?:my|the|a|on))*(?: "
        r"camera| video| webcam)?(?: on| off| working| visible| needed| be on| have to be on| "
        r"needed)*<TAIL>",
        r"am i (?:visible|on camera|on video|on screen|being watched|being filmed|filmed)<TAIL>",
        r"is (?:there|this)(?: any| a| also)?(?: on| with)? ?(?:video|camera|picture)(?: call| on|"
        r" involved| recording)?<TAIL>",
        r"is (?:anybody|anyone|somebody|someone) (?:watching|looking at) (?:me|this|us)<TAIL>",
    ),
    Topic.RECORDED: (
        r"(?:is|are|will|am|does|do|was|were) (?:this|that|it|we|i|you|the <INTERVIEW>|this "
        r"<INTERVIEW>|my voice|my <ANSWER>|everything|all of this|all this|the (?:audio|sound)|"
        r"anything|what i say|what we say)(?: (?:going to be|going to|all|being|be|get|gets|also|"
        r"getting|actually))* <RECORD>(?: (?:this|it|me|that|somewhere|everything|our <INTERVIEW>|"
        r"the <INTERVIEW>|anywhere|what i say|my voice|for .{1,30}|as .{1,20}))*<TAIL>",
        r"(?:do|will|are) you (?:keep|record|save|store|recording|keeping|saving|storing|tape|"
        r"write down|writing down|writing|take notes|taking notes|make notes)(?: (?:a|this|it|me|"
        r"of|that|what|i|say|everything|recording|notes|record|my|our|the|voice|answers|audio|"
        r"conversation|interview|call|down|on))*<TAIL>",
        r"is there (?:a|any) (?:recording|transcript|record)(?: of (?:this|it))?<TAIL>",
    ),
    Topic.READERS: (
        r"who (?:will |is going to |is |can |is gonna |else (?:will |can |is )?|all |exactly |"
        r"actually |at .{1,20} |would |might )*<READ>.{0,40}",
        r"who (?:gets|has) (?:to (?:see|read|hear)|access to) .{0,40}",
        r"(?:will|does|is|do|can|are)(?: there)? (?:a |an |the |any |some |somebody |someone |"
        r"anybody |anyone |real |human |person |people |recruiter |recruiters |hiring |manager |"
        r"else |team |you |actually |also |my |boss |company |employer |current )+(?:going to |be "
        r"|actually |ever )*<READ>(?: .{0,40})?",
        r"where (?:does|do|will|is|are) (?:this|it|my answers|the answers|the text|the transcript|"
        r"all this|all of this|what i say|the recording)(?: all)? (?:go|going|end up|be sent|sent|"
        r"stored|kept|saved|going to)(?: to)?<TAIL>",
        r"(?:for|to) whom .{0,30}(?:recording|answers|sent|transcript).{0,20}",
        r"is (?:anybody|anyone|somebody|someone)(?: else)? (?:listening|on the line|here|in here|"
        r"listening in|reading along|listening to us)(?: .{0,20})?",
    ),
    Topic.DATA: (
        r"(?:what|how) (?:will |do you |are you going to |is |are |about |happens |happen )*(?:to "
        r"|with |about )?(?:do )?(?:with |to )?(?:all )?(?:my |the |this |these |that )(?:data|"
        r"recording|recordings|answers|transcript|voice|information|personal data|text|"
        r"privacy)(?: .{0,40})?",
        r"(?:can|could|may|will|is|are|how can|how do|when will|how long will) (?:i|you|it|my|the|"
        r"this|they)(?: data| recording| transcript| text| answers)?(?: be)?(?: have| ask you "
        r"to)* (?:delete|deleted|erase|erased|remove|removed|keep|kept|stored|store|shared|share|"
        r"confidential|private|safe|secure|protected)(?: .{0,40})?",
        r"is (?:this|that|it|my data|everything|what i say|all this) (?:confidential|private|safe|"
        r"secure|anonymous|gdpr compliant|protected)(?: .{0,30})?",
        r"(?:do you|will you) (?:sell|share|pass on|give away) .{0,40}",
    ),
    Topic.LENGTH: (
        r"how long (?:will|does|do|is|are|would|should|can|could|have we|did|are we|do we|is it|"
        r"might)\b(?!.{0,20}answer)(?: (?:this|it|the|be|take|last|going|to|usually|approximately|"
        r"about|all|whole|entire|typically|we|talk|talking|for|go|on|normally|need|me|you|i|have|"
        r"expect|plan|planned|scheduled|<INTERVIEW>))*<TAIL>",
        r"how (?:much time|many minutes) (?:do|does|will|should|would|is|did|are) (?:we|i|you|it|"
        r"this|the <INTERVIEW>|planned|there)(?: .{0,30})?",
        r"(?:will|does|is|is it going to) (?:this|it|the <INTERVIEW>)(?: going)?(?: to)? (?:take|"
        r"last|be) (?:long|very long|much longer|more than .{1,20}|over .{1,20}|an hour|a long "
        r"time|ages)<TAIL>",
        r"what(?:'s| is) the (?:length|duration|time limit|time frame)(?: of .{1,20})?<TAIL>",
        r"is there a time limit<TAIL>",
        r"when (?:will|do|does|are) (?:we|it|this|the <INTERVIEW>) (?:be )?(?:finish|finished|end|"
        r"done|over|through|stop)<TAIL>",
    ),
    Topic.LEFT: (
        r"how (?:many|much)(?: more)? (?:questions|question|time|of this|more|minutes|of them)(?: "
        r".{0,40})?(?:left|more|to go|remaining|remain|still|are there|there are|coming|come|in "
        r"total|will you ask|do you have|to come|is that|you have|you going to ask|am i going to "
        r"get|you ask)<TAIL>",
        r"how (?:far|much further|much longer)(?: .{0,40})?",
        r"(?:are we|is it|is this|are you|will we be)(?: nearly| almost| soon)* (?:done|finished|"
        r"over|through|at the end|the last(?: one| question)?|near the end|halfway)<TAIL>",
        r"(?:is|was) (?:this|that|it) (?:the |your )?(?:last|final)(?: one| question)?<TAIL>",
        r"(?:which|what) (?:number|question)(?: number)?(?: is this| are we (?:on|at)| is "
        r"that)<TAIL>",
        r"(?:are there|do you have|will there be|is there)(?: any| many| a lot of| some)? "
        r"?(?:more|other|further)? ?questions?(?: (?:left|to come|coming|to go|after this|for me|"
        r"more))*<TAIL>",
    ),
    Topic.GOT_IT: (
        r"(?:did|do|have|are|were|can|could) you (?:just |actually |really |still |even |manage "
        r"to |able to |all |get to )*(?:get|got|getting|catch|caught|hear|heard|hearing|"
        r"understand|understood|understanding|follow|following|receive|received|note|noted|record "
        r"that|register|take down|write down|taken|pick up|take|get to hear|miss) <THAT>(?: down| "
        r"part| bit| or should i .{1,30}| or shall i .{1,30}| or not)*<TAIL>",
        r"(?:did|was|has|is|were) (?:<THAT>|my <ANSWER>|the last (?:bit|part|sentence)|anything|"
        r"any of (?:that|it))(?: (?:come|came|get|go|gone|been|make))*(?: (?:through|across|"
        r"recorded|clear|understandable|audible|loud enough|understood|received|sense|heard|in|"
        r"saved|arrive|arrived))+<TAIL>",
        r"(?:did|do|are) you (?:get|understand|hear|follow|with|listening|following|hearing)(?: "
        r"me| to me| what i mean| my meaning)*<TAIL>",
        r"you (?:got|heard|understood|caught|get|have) (?:<THAT>)(?: right| yes| didn't "
        r"you)*<TAIL>",
        r"have you (?:got|understood|noted|finished writing) .{1,30}",
        r"got (?:that|it|me)",
    ),
    Topic.RESULT: (
        r"(?:when|how|where|will|do|can) (?:will |do |can |would |should )?(?:i|you|they|we|"
        r"somebody|someone|the (?:team|company|recruiter))(?: expect to| be going to)? (?:hear|"
        r"know|find out|get|let|learn|be told|contact|decide|call|tell|inform|receive|see)(?: "
        r".{0,50})?(?:back|result|results|decision|outcome|feedback|next|know|from you|me|job|"
        r"through|anything|it went|passed)<TAIL>",
        r"what(?:'s| is| are| will be| happens?| comes?) (?:the |your |going to happen )?(?:next "
        r"steps?|next step|next|after this|afterwards|process|after the <INTERVIEW>|then|result|"
        r"happen next|when we're done)(?: .{0,30})?",
        r"(?:did|do|have|will|am) i (?:got |get |going to get |passed |pass |passing |hired |in "
        r")(?:the job|the position|it|the interview|this|to the next round|through|an "
        r"offer)?<TAIL>",
        r"(?:is there|will there be) (?:a |another |any )?(?:second|next|further|another|final|"
        r"more) (?:interview|round|interviews|step|steps|stage)(?: .{0,20})?",
        r"(?:who|how) (?:makes|decides|will decide|do you decide|is it decided|is the "
        r"decision)(?: .{0,40})?",
    ),
    Topic.PAY: (
        r"(?:what|how much|how high)(?:'s| is| are| will| does| do| would|'re)? (?:the |you |i |"
        r"it |this |be )*(?:salary|pay|wage|wages|salary range|pay range|payment|earn|bonus|"
        r"compensation|money|paid|offer|benefits|holiday|holidays|vacation)(?: .{0,40})?",
        r"(?:can|could) (?:we|you) (?:talk|tell me|say something|speak) about (?:the )?(?:salary|"
        r"pay|money|benefits|compensation)(?: .{0,20})?",
        r"(?:is|are) (?:the|this) (?:position|job|role|contract|team|office|work|hours) .{1,50}",
        r"(?:what|where|when|how) (?:is|are|does|do|would|will) (?:the|this|your) (?:position|job|"
        r"role|team|office|company|contract|start date|working hours|hours|tech stack|stack|"
        r"product|boss|manager|colleagues|team lead)\b.{0,50}",
    ),
    Topic.HUMAN: (
        r"(?:<MAY>|(?:<WANT>))(?: rather| prefer to)? (?:talk|speak|be (?:connected|transferred)|"
        r"be put through|have an interview|do this)(?: to| with)? (?:a |an |some |the )?(?:<REAL> "
        r")*(?:<PERSON>|recruiter|hiring manager|your boss|manager|colleague|operator|agent)(?: "
        r".{0,30})?",
        r"i(?:'d| would) (?:rather|prefer(?: to)?) (?:talk|speak)(?: to| with) (?:a |an |some |"
        r"the )?(?:<REAL> )*(?:<PERSON>|recruiter|manager)(?: instead)?<TAIL>",
        r"(?:can|could) you (?:connect|transfer|put) me (?:to|through to|with) .{1,30}",
        r"(?:is|are) (?:there )?(?:a |any )?(?:<PERSON>|recruiter|real person) (?:i can|available|"
        r"there)(?: .{0,30})?",
        r"get me (?:a )?(?:<REAL> )?(?:<PERSON>|recruiter|manager)<TAIL>",
    ),
    Topic.ADD: (
        r"(?:<MAY>|is it (?:okay|ok|all right|possible) (?:if i|to)|would it be (?:okay|ok|"
        r"possible) (?:if i|to))(?: quickly| just)? (?:add|say|mention|tell you|note|point out|"
        r"expand on|elaborate on|append|come back to|go back to|say a bit more about)(?: "
        r"<SOMETHING>| that| this| it| my (?:last |previous |first )?(?:answer|question|point)| "
        r".{1,30})<TAIL>",
        r"(?:<WANT>) (?:add|mention|say|append)(?: .{0,20})? ?<SOMETHING>(?: .{0,30})?",
        r"there(?:'s| is)(?: still)? (?:something|one thing|one more thing|more)(?: else)? (?:i|"
        r"to) (?:want|would like|'d like|need|forgot|wanted|should|have|add|say)(?: .{0,20})?",
        r"(?:one|just one|another) (?:more )?(?:thing|point|addition|detail)(?: to add| before we "
        r"go on| if i may)*",
        r"i (?:also )?(?:forgot|have)(?: to (?:say|mention|add|tell you))? (?:something|one thing|"
        r"one more thing|a thing|something to add)(?: .{0,20})?",
    ),
    Topic.CORRECT: (
        r"(?:<MAY>|is it (?:okay|possible) (?:if i|to)|(?:<WANT>)) (?:correct|change|fix|revise|"
        r"take back|amend|rephrase|redo|withdraw|adjust|correct myself on)(?: .{0,25})? "
        r"(?:answers?|said|something|that|it|this|one|part|number|name|year|date|figure|mistake|"
        r"myself|statement|told you)\b.{0,30}",
        r"(?:<MAY>|(?:<WANT>)) correct myself<TAIL>",
        r"my (?:previous |last |first |earlier |other |second )?(?:answers?|reply|statement|"
        r"response|number)(?: .{0,12})? (?:was|is|wasn't|isn't)(?: not)?(?: quite| really| "
        r"actually| completely| totally| a bit)* (?:wrong|right|correct|incorrect|a mistake|true|"
        r"accurate|mistaken|false|inaccurate)(?: .{0,30})?",
        r"(?:that|this|it|what i (?:just )?said|what i told you)(?: (?:answer|number|was|is|"
        r"wasn't|isn't|earlier|before))+(?: not)?(?: quite| really| actually| completely)* "
        r"(?:wrong|right|correct|incorrect|a mistake|my mistake|true|accurate)(?: (?:sorry|"
        r"actually|what i said|i think|i realise|i realize|before|earlier))*",
        r"i (?:made|have made|think i made|just made|realise i made|noticed) a mistake<MINE>",
        r"i (?:gave|told|said)(?: you)?(?: .{0,12})? (?:wrong|the wrong|a wrong|something wrong|"
        r"incorrect)(?: number| answer| date| year| name| figure| thing)?<MINE>",
        r"i (?:misspoke|was wrong|got (?:that|it|something) wrong|mixed (?:that|it|something) "
        r"up)<MINE>",
        r"(?:that|this)(?:'s| is| was) not what i (?:meant|said|wanted to say)<TAIL>",
        r"i didn't mean (?:that|to say that|it like that)<TAIL>",
        r"you misunderstood(?: me| that)*<TAIL>",
    ),
    Topic.START_OVER: (
        r"(?:<MAY>|(?:<WANT>)|is it (?:okay|possible) (?:if i|to)) (?:start|begin|try|do|answer|"
        r"go|take|say)(?: (?:that|this|it|my answer|the answer|the question|one))* (?:over|again|"
        r"from the (?:beginning|start|top)|anew|once more|one more time|another try|"
        r"differently)<TAIL>",
        r"(?:<MAY>|(?:<WANT>)) have (?:another|a second|one more) (?:go|try|chance|attempt)(?: "
        r".{0,20})?",
        r"i(?:'ll| will) start (?:over|again)<TAIL>",
    ),
    Topic.UNFINISHED: (
        r"i (?:didn't|did not|haven't|have not|wasn't|was not|am not|'m not|hadn't)(?: quite| yet|"
        r" even| actually| really)* (?:finish|finished|done|complete|completed|through|ready|end|"
        r"ended|at the end)(?: (?:yet|my|the|answer|sentence|thought|story|speaking|talking|with|"
        r"that|saying|answering|my point|point|there|when you .{1,30}))*<TAIL>",
        r"i'm not (?:quite |really )?(?:finished|done|through|ready)(?: (?:yet|with|my|answer|"
        r"talking|speaking|that|here))*<TAIL>",
        r"(?:please )?(?:let me|can i|may i|could i)(?: just| please)* (?:finish|complete|end|go "
        r"on|continue|finish off)(?: (?:my|the|answer|sentence|thought|story|that|this|what i was "
        r"saying|first|speaking|talking))*<TAIL>",
        r"you(?:'ve| have)? (?:cut|interrupted|interrupt|cutting|are interrupting|keep "
        r"interrupting|stopped)(?: me)?(?: off)?(?: there| in .{1,20}| again| too early)*<TAIL>",
        r"you (?:didn't|did not) let me (?:finish|speak|answer|complete .{1,20})<TAIL>",
        r"i was (?:still |just |about to |not )*(?:talking|speaking|saying(?: something)?|"
        r"answering|thinking|finished|done|going to say (?:more|something))<TAIL>",
        r"there(?:'s| is| was) more(?: to (?:it|say|come))?<TAIL>",
        r"i had more to say<TAIL>",
        r"i was (?:still )?in the middle of (?:a|my|the|an|it|something)(?: \w+){0,2}",
        r"don't interrupt(?: me)?<TAIL>",
    ),
    Topic.ALREADY_SAID: (
        r"(?:i think |i believe |i guess )i(?:'ve| have)?(?: just| already)* (?:answered|said|"
        r"explained|mentioned|covered) (?:that|it|this)(?: (?:already|before|just now|earlier))*",
        r"that was (?:your|the) (?:last|previous|first) question(?: (?:already|too|as well))*",
        r"(?:but |that's what |as |like |which )?i(?:'ve| have)?(?: just| already| literally)* "
        r"(?:said|told|answered|explained|mentioned|talked about|covered|described|given|gave|"
        r"addressed)(?: (?:you|that|it|this|this one|so|all that|all of that|the question|that "
        r"question|this question|everything|about|my answer|<EARLIER>|in my .{1,20}))*<TAIL>",
        r"you(?:'ve| have)?(?: just| already)* asked(?: me)?(?: (?:that|this|it|already|before|"
        r"the same|question|this question|that question|about|again|<EARLIER>))*<TAIL>",
        r"(?:we|we've|we have|i've|i have)(?: just| already)+ (?:talked about|covered|discussed|"
        r"been through|had|done|answered|been over)(?: (?:that|this|it|this question|this one|"
        r"that one|before))*<TAIL>",
        r"(?:didn't|haven't|did not|have) (?:i|we|you)(?: just| already)* (?:say|said|tell|told|"
        r"answer|answered|ask|asked|cover|covered|talk about|explain|explained)(?: .{0,30})?",
        r"(?:that's|this is|isn't (?:that|this)|is(?:n't)? it) the same question(?: .{0,20})?",
        r"(?:same|i'm repeating|i'd be repeating|i would only repeat)(?: .{0,20})?(?:as before|"
        r"myself)",
    ),
    Topic.LANGUAGE: (
        r"(?:can|could|may|shall|should|do|would it be possible|is it (?:okay|possible|allowed)) "
        r"(?:i|we|you|if i|to|understand)+(?: .{0,15})? (?:speak|talk|answer|switch|understand|do "
        r"this|use|continue|go on|have this)(?: .{0,15})?(?:german|spanish|french|italian|polish|"
        r"dutch|portuguese|chinese|mandarin|russian|turkish|arabic|hindi|japanese|korean|"
        r"ukrainian|another language|a different language|my (?:own|native|first) language|my "
        r"mother tongue|other languages|swedish|danish)(?: .{0,30})?",
        r"do you (?:speak|understand|know)(?: any)? (?:german|spanish|french|italian|polish|dutch|"
        r"portuguese|chinese|mandarin|russian|turkish|arabic|hindi|japanese|korean|ukrainian|"
        r"other languages|another language|swedish|danish)<TAIL>",
        r"(?:which|what|how many) languages? (?:do|can|should|are) (?:you|i|we)(?: .{0,20})?",
    ),
    Topic.AIDS: (
        r"(?:<MAY>|is it (?:okay|ok|allowed|fine) (?:if i|to)|am i allowed to|do you mind if i) "
        r"(?:use|look|check|google|read|take|have|open|search|consult|ask|write|write down|"
        r"make)(?: .{0,20})?(?:notes?|up|internet|online|my cv|my resume|chatgpt|calculator|paper|"
        r"documents?|google|something up|a book|dictionary|a pen|it down|that down)(?: .{0,20})?",
    ),
    Topic.NERVES: (
        r"(?:sorry )?(?:i'm|i am|i feel)(?: just| really| so| very| a bit| a little| quite| "
        r"pretty| kind of)* (?:nervous|excited|anxious|stressed|tense|shy|not used to this)(?: "
        r".{0,30})?",
        r"(?:sorry (?:for|about) )?my english(?: (?:is|isn't|not|so|very|that|really))* (?:bad|"
        r"good|poor|perfect|terrible|great|rusty|english|not good)?<TAIL>",
        r"(?:i'm )?sorry (?:for|about) my (?:english|accent|pronunciation)<TAIL>",
        r"this is (?:so |very |a bit |really |kind of )*(?:strange|weird|odd|awkward|unusual|"
        r"new)(?: for me| to me)?<TAIL>",
        r"i(?:'ve| have) never (?:done|had) (?:this|anything like this|an interview like this|"
        r"that)(?: before)?<TAIL>",
    ),
    Topic.TROUBLE: (
        r"(?:i )?(?:can't|cannot|can hardly|can barely|hardly|don't|could hardly|couldn't) "
        r"(?:hear|understand) (?:you|anything|a word)(?: (?:very|so|that|well|any|more|properly|"
        r"at all|clearly|now|good|anymore))*<TAIL>",
        r"(?:you(?:'re| are)|your voice(?: is|'s)?|the (?:line|sound|connection|audio|call)(?: is|"
        r"'s)?|it(?:'s| is)?|there(?:'s| is)(?: an?)?)(?: (?:very|so|a bit|too|really|quite|"
        r"keeps?|always|a|an|bad|some))* (?:breaking up|cutting out|choppy|quiet|bad|noisy|"
        r"crackling|delayed|echo|breaks up|cuts out|cutting in and out|distorted|low|faint|"
        r"dropping|lagging|delay|connection|noise|stuttering|robotic|muffled)(?: .{0,20})?",
        r"(?:my|the) (?:internet|connection|microphone|mic|headset|wifi|line|battery)(?: is|'s| "
        r"keeps| was)(?: (?:a bit|very|really|not|so|almost))* (?:bad|slow|unstable|broken|"
        r"working|low|dropping|dying|cutting out|gone|weak|flaky)(?: .{0,20})?",
        r"(?:sorry )?(?:for |about )(?:the|that) (?:noise|background noise|interruption|dog|baby|"
        r"children|phone)(?: .{0,20})?",
        r"you(?:'re| are) (?:on mute|muted|gone|frozen)<TAIL>",
    ),
    Topic.JUDGED: (
        r"(?:was|is|were|did) (?:that|this|it|my answer|my answers|i)(?: all| what)? (?:a "
        r")?(?:right|correct|good|okay|ok|enough|wrong|bad|fine|too long|too short|too much|too "
        r"detailed|acceptable|sufficient|give|helpful|answer|do well|do okay|pass|say|long enough|"
        r"detailed enough)(?: .{0,30})?",
        r"how (?:did|am|was|are|do|is) (?:i|that|my answer|my answers|we|you think i)(?: (?:do|"
        r"doing|done|so|far|going|performing|did|i))*<TAIL>",
        r"(?:does|did) (?:that|this|it)(?: kind of)? (?:answer|help|make sense|fit|satisfy|"
        r"suit)(?: .{0,40})?",
        r"(?:what|how) (?:do|did) you (?:think|like|rate|score|grade|find|say)(?: (?:of|about|"
        r"to))* (?:that|it|my|me|this)(?: .{0,20})?",
        r"(?:are|will) you (?:going to )?(?:judge|judging|grade|grading|score|scoring|rate|rating|"
        r"assess|assessing|evaluate|evaluating) (?:me|this|my .{1,20}|that)<TAIL>",
    ),
    Topic.ON_TOPIC: (
        r"(?:should|shall|do|must|can|may|could) (?:i|you want me to|i need to)(?: rather| also| "
        r"just)? (?:talk|speak|tell you|answer|give|describe|start|go|focus|mention|explain|"
        r"concentrate|continue|keep|choose|pick|use|take|include)\b.{0,60}",
        r"do(?:es)? (?:you|it) (?:want|need|prefer|have|mean)(?: me)? (?:to |a |an |for |about "
        r").{1,50}",
        r"(?:how|what) (?:long|detailed|much detail|deep|kind of answer|sort of answer) (?:should|"
        r"shall|do|can|may|would|is)(?: .{0,40})?",
    ),
}


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern with its groups filled in."""
    return re.compile(re.sub(r"<([A-Z]+)>", lambda match: GROUPS[match[1]], pattern))
