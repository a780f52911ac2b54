"""Talk rules: which classes of words ask about this talk, or about an answer already given."""

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.enquiries.wordings import Topic

TALK_RULES: tuple[tuple[Topic | Intent, str, *tuple[str, ...]], ...] = (
    (
        Intent.REPEAT,
        "a",
        r"^you (?:\w+ )?(?:asked|said|mentioned|wanted)",
        r"what",
        r"!mean|already|same|recorded",
    ),
    (
        Intent.REPEAT,
        "a",
        r"(?:that|the|a|an|about|with|your|which|to|of|and|my|for|was|did|you) what$",
        r"!can i|mean",
    ),
    (
        Intent.WAIT,
        "aow",
        r"^(?:(?:can|could|would|will) you )?(?:hold on|hang on|hold the line|stand by|"
        r"bear with)",
        r"!finish\w*|until i am done|not done|not finished",
    ),
    (
        Topic.ACCOMMODATION,
        "aow",
        r"<CONDITION>",
        r"i|me|my",
        r"!she|he|they|job|work|colleague",
    ),
    (
        Topic.ACCOMMODATION,
        "s",
        r"^i (?:have|am|wear|suffer|get|do have|was born|stammer|stutter|can not hear)|"
        r"^my (?:hearing|speech)|^with my",
        r"<CONDITION>|<CONDITION>",
    ),
    (
        Topic.ACCOMMODATION,
        "aows",
        r"(?:my|due to|because of|because my) (?:\w+ )?(?:<CONDITION>)",
        r"i|my|me|of|to",
        r"!she|he|job|colleague",
    ),
    (
        Topic.ACCOMMODATION,
        "aow",
        r"(?:extra|additional|longer|a (?:bit|little) more|more) (?:\w+ )?(?:time|pauses?|"
        r"breaks?)",
        r"answer\w*|extra|pauses?|speak|because|due|than|each",
        r"!left|how|until|think|working",
    ),
    (
        Topic.ACCOMMODATION,
        "aow",
        r"type|typing|write|written|writing|text|chat|by (?:e ?mail|keyboard)|in writing",
        r"answers?|questions?|instead|version|form|reply|see|read|is there a|do you have a",
        r"!who|down|transcript|anyone|someone|save|store|record\w*|boss|manager|gpt|voice",
    ),
    (
        Topic.ACCOMMODATION,
        "aow",
        r"subtitles?|captions?|sign language|interpreter|screen reader|braille|"
        r"large print|one (?:thing|question) at a time|accommodations?",
    ),
    (
        Topic.HUMAN,
        "aow",
        r"talk|speak|speaking|talking|chat|deal|connect(?:ed)?|transfer(?:red)?|put|pass|"
        r"interview(?:ed)?|do|have|get|give|reach|call|contact|e ?mail|ask|phone|get hold|"
        r"conversation|discuss",
        r"<HUMAN>",
        r"can|could|may|feel|better|want|like|prefer|rather|need|connect|transfer|give|"
        r"get|put|let|contact|reach|possible|instead|e ?mail|there|do not|who|how|someone|"
        r"have",
        r"!am i|do i (?:talk|speak) (?:to|with) a|are you|read\w*|hear|see|see|listen|"
        r"help me|salary|my answers|working|team|the job|know if|use|your (?:company|"
        r"team)|result|or (?:is|a) (?:machine|bot|computer|robot)|how many|are you hiring|"
        r"end the call|on the line|in person|to people|with me|next to me|sit|controlling|"
        r"behind|^will (?:somebody|someone|anybody|anyone|you|they) (?:call|contact|"
        r"e ?mail|write|phone)",
    ),
    (
        Topic.HUMAN,
        "aow",
        r"take over|e ?mail address|phone number|telephone number|contact (?:person|"
        r"details|number|information)|person of contact|call(?:ed)? me back|"
        r"human (?:interviewer|instead)|(?:real|normal|human|face to face|in person|"
        r"live) (?:interview|interviewer|conversation)",
        r"!decid\w+|after|controlling|behind|^will (?:somebody|someone|anybody|anyone|you|"
        r"they) (?:call|contact|e ?mail|write|phone)",
    ),
    (
        Topic.HUMAN,
        "ow",
        r"not (?:\w+ ){0,4}(?:talk|speak|do|have|deal|be interviewed|answer|trust|like|"
        r"comfortable)",
        r"<BOT>",
        r"!controlling|behind|^will (?:somebody|someone|anybody|anyone|you|they) (?:call|"
        r"contact|e ?mail|write|phone)",
    ),
    (
        Topic.HUMAN,
        "a",
        r"^(?:who|whom|how)",
        r"contact|call (?:someone|somebody|about|for)|i call|i contact|write to|turn to|"
        r"get hold|talk to|speak to|reach|complain|get in touch",
        r"!am i|contact me|call me|when|and when|you|will (?:call|contact|get)|"
        r"controlling|behind|^will (?:somebody|someone|anybody|anyone|you|they) (?:call|"
        r"contact|e ?mail|write|phone)",
    ),
    (
        Topic.READERS,
        "a",
        r"^who|is it you|do you",
        r"decides?|makes? the (?:final )?decision",
        r"!how|when",
    ),
    (
        Topic.READERS,
        "a",
        r"^who|(?:anyone|anybody|someone|somebody) (?:else)?",
        r"listening|reading|watching|hearing",
        r"!still|there|line|can|camera|webcam|video",
    ),
    (
        Topic.READERS,
        "a",
        r"<HUMAN>|who|whom|anyone else|where do|is it you",
        r"<READ>|decides|go to|go straight",
        r"<SAID>|answers",
        r"!am i|are you (?:a|an) |my (?:wife|husband|friend)|hear me|see me|talk to|"
        r"speak to|hear back|contact|see you|job|reports?|is (?:this|it) an?|there\?|"
        r"still|on the line|hold|wait|understand me|reach|information|my data|third part|"
        r"camera|webcam|video",
    ),
    (
        Topic.REAL_PERSON,
        "a",
        r"^(?:a |an |to |with )*(?:\w+ )?(?:<BOT>|<HUMAN>) or",
    ),
    (
        Topic.WHO,
        "a",
        r"^who (?:am i|are you|is this|is that|is speaking|is there)|your name|who i am",
        r"!read\w*|answers|listen\w*|hear\w*|decid\w+|contact|customers|clients|call|to if",
    ),
    (
        Topic.REAL_PERSON,
        "a",
        r"^(?:is|are) (?:this|it|you) (?:a |an )?(?:\w+ )?(?:recording|tape|"
        r"answering machine)$",
    ),
    (
        Topic.REAL_PERSON,
        "as",
        r"<BOT>|feelings",
        r"are you|you are|is this|is it|am i|i am|do i|i (?:talk|speak)|this is|who|"
        r"you sound|being|it is|voice",
        r"!my|read\w*|use|used|decid\w+|rather|instead|do not want|help|train\w*|allowed|"
        r"okay|working|freez\w+|froze|crash\w*|program(?:me)? (?:you|we|do)|judg\w+|"
        r"evaluat\w+|listens?|hiring|how many|it is called|sit next|recording (?:this|me|"
        r"us|the)|this recording|recording now",
    ),
    (
        Topic.REAL_PERSON,
        "a",
        r"human|human being|person|people|somebody|someone|real|man|woman|anybody",
        r"are you|you are|am i (?:\w+ )?(?:talk|speak|chat)\w*|^i (?:talk|speak|am)|do i|"
        r"who am i|is (?:this|it|there|that)(?: \w+){0,6} (?:voice|behind|line|phone|"
        r"talk\w*|speak\w*|other (?:end|side)|asking|asks)|is (?:this|it|that) (?:a |"
        r"an )?(?:\w+ )?(?:real|human|person)",
        r"!from (?:the )?(?:company|hr)|can|anyone there|still|read\w*|listens? to|call|"
        r"hiring|how many",
    ),
    (
        Topic.SEES,
        "aows",
        r"<SEE>",
        r"me|my|i|you|it|this|need|on|off|have to|should|only|there",
        r"!recorded|my notes|share|record|stored?|delet\w+|projects?|games?|we|produc\w+|"
        r"job|role|i (?:film|record|edit|make)|training|the same|lunch|stuck|fro[sz]en?|"
        r"black",
    ),
    (
        Topic.SEES,
        "a",
        r"see|watch\w*|look\w*",
        r"me|my (?:screen|room|desk|hands?|clothes)|us",
        r"!can i|who|how i|next|again|answers|later|boss|manager|result|where do you",
    ),
    (
        Topic.DATA,
        "aow",
        r"gdpr|data protection|confidential\w*|privacy|anonym\w+|personal (?:data|"
        r"informations?|details)|my (?:personal )?(?:data|information)|third part(?:y|"
        r"ies)|train (?:\w+ ){0,3}(?:ai|models?|systems?|computers?)|"
        r"for training(?: (?:ai|purposes|data|models?))?$",
        r"!salary|database|tell me about my|where do my answers go",
    ),
    (
        Topic.DATA,
        "aow",
        r"<DATA>",
        r"<KEEP>",
        r"how long|where|what|delet\w+|eras\w+|remov\w+|shar\w+|sell|sold|third|safe|"
        r"secur\w+|private|public\w*|give|given|pass(?:ed)?|train\w*|owns?|wip\w+|"
        r"destroy\w*|protect\w*|access|use|used|hosted|keep|kept",
        r"!job|^who (?:is|will|gets|can|all)? ?(?:going to )?(?:read|see|hear|listen\w*)|"
        r"next|after (?:this|the)|i (?:use|need)|last answer|previous|hear|wrong|points?|"
        r"scor\w+|judged|grad\w+|where do my answers go",
    ),
    (
        Topic.DATA,
        "aow",
        r"is|are|be|stay|remain|this|it",
        r"private|confidential|secure|safe|anonymous|between us|secret|deleted|erased",
        r"!too private|toilet|mode|last answer|sector|where do my answers go",
    ),
    (
        Topic.RECORDED,
        "aows",
        r"<RECORD>",
        r"this|that|conversation|call|interview|me|my|voice|i|it|us|we|everything|words|"
        r"sound|audio|you|being|somewhere|recording",
        r"!did|my last|my answer|answer|i (?:record|saved?)|last one|cut|job|role|"
        r"i (?:have|was) (?:saved|recorded)|(?:we|i) (?:\w+ )?record|save (?:this|that|it|"
        r"one|my)|for (?:last|later|the end)|deleted?|write|properly|cut|is (?:this|"
        r"it) a recording",
    ),
    (
        Topic.RECORDED,
        "a",
        r"keep|kept|keeping",
        r"(?:the|my|this|our) (?:audio|sound|voice|recordings?|text|conversation|call)",
        r"!long|where",
    ),
    (
        Intent.PRESENCE,
        "a",
        r"^why (?:is it|are you|is the line|did it go|is everything|did you)",
        r"quiet|silent|silence|stop",
        r"!everyone|everybody|^who",
    ),
    (
        Intent.PRESENCE,
        "a",
        r"^(?:did|has|is|have) (?:the (?:line|call|connection)|you|we|i)",
        r"dead|drop\w*|hang up|hung up|disconnect\w*|cut off|gone|go away|went away|lost|"
        r"lose|leave|left",
        r"!answer|questions?|many|get|hear|job|company|position|said|the thread|how|part|"
        r"word|what|everyone|everybody|^who",
    ),
    (
        Intent.PRESENCE,
        "a",
        r"^(?:is|does|are) (?:it|this|you)",
        r"work|working|frozen|asleep|alive|awake",
        r"!company|job|from|hours|remote\w*|weekends?|how|everyone|everybody|^who",
    ),
    (
        Intent.PRESENCE,
        "a",
        r"^(?:is|does|do|are|was)",
        r"(?:my|the) (?:\w+ )?(?:sound|voice|audio|mic|microphone|volume|connection|line)",
        r"good|okay|clear|fine|work\w*|coming through|loud|better|audible|stable|enough|"
        r"understandable",
        r"!camera|recorded|kept|stor\w+|everyone|everybody|^who",
    ),
    (
        Intent.PRESENCE,
        "a",
        r"^is",
        r"this thing|microphone|mic",
        r"on|working|work",
        r"!camera|everyone|everybody|^who",
    ),
    (
        Intent.PRESENCE,
        "a",
        r"^(?:can|could|do|does)",
        r"hear me|still hear|hear us",
        r"!what|answer|said|again|my (?:accent|answer)|and|properly recorded|everyone|"
        r"everybody|^who",
    ),
    (
        Topic.GOT_IT,
        "a",
        r"did|do|does|have|has|was|were|is|am|are|can|could|hope|sure|got|you",
        r"get|got|getting|hear|heard|hearing|catch|caught|understand|understood|come|came|"
        r"coming|receiv\w+|record\w*|registered|note|noted|clear|clearly|audible|"
        r"loud enough|picked up|go through|went through|gone through|arriv\w+|cut off|"
        r"working|work|saved",
        r"my|me|that|it|everything|all|what i|i|this|any",
        r"!^(?:what|who|how|when|where|which|why)|job|offer|can i|could i|may i|"
        r"you (?:mean|say|said|want|ask|looking)|back|another|after|result|still there|"
        r"repeat|email|feedback|work (?:from|remote\w*|at|in|week\w*|over)|have to|"
        r"would i|the question|your question|shift|notes|working (?:hours|language)|paid|"
        r"question|position|remote|office|company|this being|conversation|call|interview|"
        r"saved somewhere|my accent is|get it|get in|stored|holiday|benefits|how|wanted|"
        r"reply|response|money|extra|pay|working|^am i through|everyone|everybody|hold on|"
        r"hang on|get rid|wait",
    ),
    (
        Topic.GOT_IT,
        "s",
        r"you|my answer|it|that",
        r"got|heard|caught|came through|hear|get",
        r"hope|sure|checking|check|wonder\w*",
        r"!understand|question|mean|me back|everyone|everybody|hold on|hang on|get rid|" r"wait",
    ),
    (
        Topic.LEFT,
        "a",
        r"how (?:much|long|many)|do i|do we",
        r"time|minutes|longer",
        r"left|remain\w*|longer|still have",
        r"!people|question takes|keep|extra",
    ),
    (
        Topic.LENGTH,
        "as",
        r"how long|duration|how much time|how many (?:minutes|hours)|time limit|take long|"
        r"be long|last long|long interview|much longer|how much longer|enough time|"
        r"time enough|until when|what time|(?:^|and )when (?:do|will|are|is) (?:we|this|"
        r"it|the interview)|by (?:when|\w+ o ?clock|one|two|three|four|five|noon|half)|"
        r"rough(?:ly)? (?:time|minutes)|quick (?:call|interview)",
        r"!company|firm|job|existed|around|you worked|hear|hiring|keep|kept|stor\w+|"
        r"contract|probation|onboarding|decision|decide|notice|result|have you (?:been|"
        r"worked)|training|call me|i hear|shift|role|position|recordings?|data|a week|"
        r"per week|paid|hours a (?:week|day)|left|remain\w*|much longer|until i|find out|"
        r"i know",
    ),
    (
        Topic.LENGTH,
        "a",
        r"minutes|time|late|done|finish(?:ed)?|over|through",
        r"(?:this|it|interview|we|call|that)",
        r"take|need|last|enough|by|before|long(?:er)?|limit|remaining",
        r"!think|before i|answer|good|more time|paid|week|position|part time|full time|"
        r"left|remain\w*|much longer|until i|find out|i know",
    ),
    (
        Topic.LEFT,
        "a",
        r"questions?|many|much|ones?|topics?|a lot",
        r"left|more|remaining|to go|still|in total|total|altogether|coming|to come|"
        r"do you have|overall|are there|will you ask|there are|have you got|ahead",
        r"!people|employees|rounds|time|help|explain|before|detail|specific|about|money|"
        r"holiday|days|day|can you|could you|could i|can i|add|ask (?:you )?a|i have|"
        r"repeat|tell you|team|offices|colleagues|locations|interviews|say|what|"
        r"for me to ask|simple|one more|one thing|mention|other|company|was left",
    ),
    (
        Topic.LEFT,
        "a",
        r"^is this (?:question|number) (?:number |no )*(?:one|two|three|four|five|six|"
        r"seven|eight|nine|ten|\d+)|how many have we|(?:last|final) (?:question|one)|"
        r"at the end|any more|(?:nearly|almost|close to|soon) (?:done|there|finished|"
        r"through|over|the end|at the end)|half ?way|how far|(?:done|did|at|"
        r"through) (?:we )?(?:\w+ )?half|(?:what|which) (?:number|question|point|"
        r"part)(?: number)? (?:is this|are we|we are|do we)|where are we",
        r"is|are|was|how|did|have|which|what|am",
        r"!add|correct|change|repeat|said|skip|my|i|mean|come back|answer|finish|talking|"
        r"hear|drop|human|person|later|interview|was|was left",
    ),
    (
        Topic.LEFT,
        "a",
        r"how many|how much",
        r"questions?|left|more|topics",
        r"!people|time|money|minutes|days|employees|hours|team|rounds|longer|holiday|"
        r"i (?:earn|get)|pay|salary|interviews|stages|company|offices|was left",
    ),
    (
        Topic.ALREADY_SAID,
        "as",
        r"already|before|earlier|just|twice|again|same|ago|previous|last|first|"
        r"been through|covered|talked about|discussed|repeat",
        r"(?:i|we|you) (?:\w+ ){0,3}(?:answer(?:ed)?|did (?:\w+ )?(?:explain|mention|"
        r"cover|say|answer|tell)|said|told|tell|explained|mentioned|covered|asked|ask|"
        r"gave|given|discussed|talked about|been|addressed|described|say|spoke|went|had)|"
        r"same (?:question|thing|one|answer)|repeat(?:ing)? myself",
        r"!wrong|mistake|correct|change|what (?:was|did you)|add|understand|forgot|hear|"
        r"repeat that|can you|could you|can i|could i|more|not right|finish|cut|when you|"
        r"different|first job|my (?:boss|last (?:job|company|employer))|did you (?:get|"
        r"catch|understand)|not true|fix|meant|part|not what i|should|question about|"
        r"^have you (?:heard|got|understood)|heard|at the end|salary",
    ),
    (
        Topic.CORRECT,
        "aow",
        r"<CHANGE>",
        r"<ANSWER>",
        r"i|my|me|let|earlier|before|previous|last|can|could|please|delete|scratch|ignore|"
        r"forget|strike|change|what i",
        r"!skip|simple|subject|my camera|interview|call|recording|everything|data|volume|"
        r"language|speed|device|speak|browser|microphone|tab|job|career|come back|next|"
        r"later|did you|one more|question again|is that correct|add|by|"
        r"^i would (?:correct|change|fix)|afterwards|will you",
    ),
    (
        Topic.CORRECT,
        "aws",
        r"i (?:\w+ ){0,3}(?:said|told|gave|mentioned|answered|mixed|got|made|misspoke|"
        r"confused|misremembered|was|named)|what i|my (?:last |previous |first |"
        r"earlier )?(?:answer|number|statement)|that (?:was|is)|something|misspoke",
        r"wrong|mistake|incorrect|misspoke|not (?:\w+ )?(?:right|correct|true|accurate)|"
        r"error|confused|mixed up|misremembered|slip of the tongue|not what i meant|false|"
        r"mixed",
        r"!do you|is it wrong|did i|was (?:it|that|my|i)|am i|you (?:mean|said)|"
        r"confused by|did you|something wrong with|went wrong|line|connection|screen|page|"
        r"what you|question is|sound|mic|microphone|audio|internet|that i can|without|"
        r"said so|afterwards|will you",
    ),
    (
        Topic.START_OVER,
        "aow",
        r"start over|begin again|start (?:\w+ )*again|try (?:\w+ )*again|another (?:go|"
        r"try|chance|attempt)",
        r"i|me|my",
        r"!question|you (?:start|begin)|job|apply",
    ),
    (
        Topic.CORRECT,
        "aow",
        r"go back|redo|do (?:\w+ )?again|answer (?:\w+ )?again",
        r"i|my|we|me",
        r"!add|question again|repeat|hear|later|come back|mention|say it again|"
        r"can you say|for me|at the end|to this|to it|to that|afterwards|will you",
    ),
    (
        Topic.ADD,
        "aow",
        r"add|adding|mention|mentioning|expand|elaborate|supplement|include|append|"
        r"complete|(?:say|tell you|share|give) (?:\w+ )?(?:something|one|another|more|"
        r"a bit|a little|a few)|go back|come back|more to|(?:extra|another|one more|"
        r"further) (?:thing|example|point|detail)|left out|tell (?:\w+ )?(?:something|"
        r"more)",
        r"i|my|me|to|let|something",
        r"can|could|may|want|wanted|like|okay|possible|need|forgot|too late|mind|let|"
        r"should|have|allowed|add|before|possible|must|will|wish",
        r"!you (?:explain|elaborate|add|expand|say|give|tell|mention|repeat|ask)|client|"
        r"salary|finish|later|customer|name|interrupt|correct|park|cut|skip|return|"
        r"at the end|still (?:talking|speaking)|hear|meant|to this (?:one|question)|job|"
        r"company|role|question about|about the|leave|(?:come|go) back to (?:it|this|"
        r"that)|^i (?:have to|must) add$|by adding|value|more to (?:it|say|come|my)",
    ),
    (
        Topic.ADD,
        "s",
        r"^(?:i (?:have )?(?:also )?(?:forgot|wanted to|left|thought of|remembered|"
        r"did not (?:mention|say|tell)|have)|there is|one more|another|one last|"
        r"something else (?:\w+ )?(?:came|comes|occurred|popped)|something (?:came|"
        r"comes) to my mind|one (?:small|other|quick|little))",
        r"mention|something|one|more|detail|point|example|thing|add|part|else|important",
        r"!understand|word|you (?:said|asked)|to say to|hear|noise|problem|wrong|end of|"
        r"somebody|someone|echo|i have (?:one|a) |i have no|no|more to (?:it|say|come|my)|"
        r"questions|number|wrong|there is more$",
    ),
    (
        Topic.UNFINISHED,
        "aows",
        r"(?:not|was|am|only|half|had|have|still) (?:\w+ ){0,3}(?:finished|done|finish|"
        r"ready|completed?|talking|speaking|half ?way|through|over|in the middle|mid|"
        r"about to|going to say|answering)",
        r"i|my|it|that",
        r"!question (?:was|is|again)|you|hours|notice|school|recording|degree|interview|"
        r"call|no time|this interview|are we|is it|for this job|can we|with this|thinking|"
        r"university|course|project|while|^am i|comfortable|caught|hear\w*|come through|"
        r"card|test",
    ),
    (
        Topic.UNFINISHED,
        "aow",
        r"finish|continue|keep (?:going|talking|on)|go on|carry on|complete|end|say more|"
        r"say the rest|speak|talk",
        r"i|me|my",
        r"my|let me|first|sentence|thought|point|speaking|talking|answer|what i|saying|"
        r"wait|before you|can i (?:\w+ )?(?:finish|continue|keep going|go on)|"
        r"may i (?:\w+ )?(?:finish|continue|go on)|still",
        r"!interview|call|time|next question|to the next|another|language|job|application|"
        r"here|later|tomorrow|how|today|when|slow\w*|german|my own|instead|"
        r"this conversation|contract|repeat|skip|end of|hours|person|human|someone|"
        r"somebody|recruiter|not want|at the end|about",
    ),
    (
        Topic.UNFINISHED,
        "aows",
        r"<INTERRUPT>",
        r"you|^(?:i|but i) (?:was|got|am|have been)",
        r"!sound|line|connection|audio|you (?:are|were) cutting|speak\w*|talk\w* too|"
        r"keep (?:cutting|breaking)|talking too|voice|repeat|ask\w*|say it|decid\w+|"
        r"when i|they|he|she|people|colleague|was recorded|was that|for me",
    ),
)
"""Rules: a kind, forces, features that have to be there, and with "!" those that may not be."""
