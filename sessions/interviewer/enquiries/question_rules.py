"""Question rules: which classes of words ask for the question again, for time, or for the end."""

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.enquiries.wordings import Topic

QUESTION_RULES: tuple[tuple[Topic | Intent, str, *tuple[str, ...]], ...] = (
    (
        Topic.UNFINISHED,
        "ws",
        r"(?:had|have|still|want to) (?:\w+ ){0,4}(?:more to (?:say|tell)|to say|"
        r"say something|say more)|more to (?:it|say|come|my answer|that)|"
        r"half (?:of )?(?:my|the) answer|there is more|not all|was not (?:all|everything)",
        r"!nothing|no more|questions?",
    ),
    (
        Intent.SKIP,
        "aow",
        r"<LATER>",
        r"question|one|it|this|that|ask|answer|them|others|do|back",
        r"come back|return|circle|get back|leave|park|later|put|save|at the end|"
        r"afterwards?|last|do|answer|ask|take|others?|next one first|then|skip|postpone",
        r"!add|mention|correct|change|my (?:last|answer|previous|first|data|information)|"
        r"interview|call|today|tomorrow|tell you|wrong|previous|said|bathroom|finish|hear|"
        r"get back to me|(?:last|first) (?:question|answer|part|word|bit|thing|one)|"
        r"result|company|toilet|is (?:this|that|it) the|i (?:am|will be) (?:right )?back|"
        r"are|repeat|how|salary|job|everything|recording|deleted?|start|email|will (?:you|"
        r"be)",
    ),
    (
        Intent.SLOWER,
        "aows",
        r"slower|slowly|too (?:fast|quick|quickly)|so (?:fast|quick|quickly)|less fast|"
        r"slow down",
        r"!internet|connection|wi ?fi|page|i (?:was|am) too|take it|computer|moved on|"
        r"take things|browser|too slow|(?:too|so|very) slowly|servers?|customers?|"
        r"patients?|job|decid\w+|moved",
    ),
    (
        Intent.REPHRASE,
        "aow",
        r"<EASIER>",
        r"you|question|it|that|this|me",
        r"!i (?:explain|elaborate|give|clarify)|can i|could i|may i|my (?:last|answer|"
        r"previous)|add|job|company|role|about (?:the|your)|position|salary|me (?:explain|"
        r"elaborate|clarify)|too (?:simple|easy)",
    ),
    (
        Intent.REPHRASE,
        "a",
        r"mean|means|meaning|meant|looking for|getting at|want to (?:know|hear)|"
        r"asking(?: me)?|want from me|refer\w*|define|want me to (?:talk|say|tell|"
        r"describe|do)|understand by|understand under|question about|definition|"
        r"expect (?:me|from me|to hear)|interested in",
        r"you|that|this|it|word|question|what|which",
        r"!what i meant|wanted to hear|salary|again|do you hear|can i|did you get|after|"
        r"score|decide|^was|^is (?:that|it|this) what|^were|did you want",
    ),
    (
        Intent.REPHRASE,
        "a",
        r"^(?:do|did|is|are|should|shall|does|would)",
        r"you|that|this|it|question|i",
        r"mean|about|talk about|refer\w*|want",
        r" or ",
        r"!video|voice|camera|recorded|human|person|machine|bot|ai|email|call|remote|"
        r"full time|office|transcript|rather|skip|repeat|again|is it only|salary|say it|"
        r"hear|again",
    ),
    (
        Intent.REPHRASE,
        "aows",
        r"not (?:\w+ ){0,3}<UNCLEAR>|confus\w+|unclear|lost|puzzled|"
        r"difficult to understand|hard to understand",
        r"question|you (?:mean|are asking|want|ask|are looking|are getting)|what|that|"
        r"this|word|term|i am|it",
        r"!line|connection|answer|hear\w*|voice|camera|my mic|microphone|whether|say yet|"
        r"audio|how to answer|you (?:got|heard|can hear)|what to (?:say|do|answer)|"
        r"example|lost you|i can|sound|an? answer|slow\w*|the answer|sure if (?:you|it|my|"
        r"that)|my answer|spectrum|clear enough|my voice|lost the|data|job|if this|job is|"
        r"was unmuted|get it|get the|you are there",
    ),
    (
        Intent.REPEAT,
        "aow",
        r"<AGAIN>|run (?:that|it) by",
        r"question|that|it|you|this|say|ask|part|one|bit|what|word|please|sentence|last|"
        r"first|repeat",
        r"!i (?:say|repeat|answer|start|begin|do|try|tell|explain|go|add|call|apply)|"
        r"later|at the end|my answer|change|correct|slow\w*|already|same|(?:answer|"
        r"do) (?:it|that) again|before|tomorrow|call|afterwards|see you|have to repeat|"
        r"differently|record|next question|want to repeat|when you|rather not|we (?:had|"
        r"did|have)|myself|later|normally|company|your name|salary|position",
    ),
    (
        Intent.REPEAT,
        "a",
        r"what (?:came|comes|was|is) (?:\w+ )?(?:after|before|next)",
        r"after|before|next",
        r"!interview|this|afterwards|process|step|now|here|my|today|we are|call|after$",
    ),
    (
        Intent.REPEAT,
        "aw",
        r"^(?:what|which|how|and|after|where|the|could|can|i|we|you|did|my|just|only|not|"
        r"sorry)",
        r"you (?:\w+ )?(?:say|said|ask|asked|saying|asking|want|wanted|mentioned|mention)|"
        r"the (?:question|last|first|second|other|word)|that word|that",
        r"(?:what|which) (?:\w+ )?(?:was|were|did|is|came)|<PART>|missed|"
        r"did not (?:\w+ )?(?:hear|catch|get|listen)|not (?:hear|listening|catch)|lost|"
        r"forgot\w*|only (?:heard|caught|got)|could not (?:hear|catch)|how was|what else|"
        r"and what",
        r"!add|correct|wrong|my (?:answer|last|previous|first|camera)|mean|last question$|"
        r"what was wrong|i (?:said|told|answered|mention\w*)|salary|company|job|team|role|"
        r"mention|skip|finish\w*|interview|already|answer|recorded|is this|is that|"
        r"was that the|get that|do not know|understand|can i|could i|come back|next|"
        r"at the end|later",
    ),
    (
        Intent.REPEAT,
        "s",
        r"^(?:i|we|did not|could not|not|just|only|the)",
        r"missed|did not (?:\w+ )?(?:hear|catch|get|listen)|could not (?:\w+ )?(?:hear|"
        r"catch|get)|was not listening|lost|only (?:heard|caught|got|understood|hear)|"
        r"heard|caught|forgot|not (?:hear|catch)",
        r"question|you|that|it|what|end|beginning|half|part|bit|word|rest|last|first|"
        r"middle|start|anything",
        r"!mention|add|well|lost you$|can not hear|tell|say|properly|job|feedback|"
        r"about (?:the|this|your) (?:job|company)|to (?:say|add|mention)|noise|echo|"
        r"deadlines?|made",
    ),
    (
        Intent.REPEAT,
        "ow",
        r"<PART>",
        r"question|part|bit|word|words|half|sentence|one",
        r"^(?:just |only )?(?:the|give|tell|say)|missed|please|again|hear",
        r"!answer|add|my|next|change|correct|skip|last question|go back|later|at the end|"
        r"leave|put|interview",
    ),
    (
        Intent.SKIP,
        "aow",
        r"skip|move (?:along|ahead)|refuse to|decline|pass|next|move on|go on to|"
        r"not answer|not (?:\w+ )?(?:to )?(?:say|talk about|discuss|share)|"
        r"another question|different question|something else|other question|"
        r"not have to answer",
        r"question|one|we|answer|it|this|that|on|please|answer|say|next|skip|pass|about|" r"move",
        r"!what|how|when|steps?|after|who|result|did i pass|interview|say (?:it|my|"
        r"something|the client)|add|round|if i do not get|hear|person|human|machine|robot|"
        r"before the|before we|before you|data|recorded|company|happens|want to (?:skip|"
        r"pass) nothing|before|said|name|too early|something else (?:to|for)|call|last|"
        r"finish\w*|talk|next to|will i|did i|have i|am i passing",
    ),
    (
        Topic.VOLUNTARY,
        "a",
        r"have to|must i|must|need to|obliged|mandatory|required|optional|compulsory|"
        r"forced|necessary",
        r"answer|say|tell|question|questions|respond",
        r"!repeat|long|english|camera|write|again|language|german",
    ),
    (
        Intent.SKIP,
        "ws",
        r"not (?:\w+ ){0,3}(?:answer|comfortable|say|have (?:an|a|any) (?:answer|example|"
        r"good)|want to (?:answer|say|talk|discuss|share)|think of)|nothing to (?:say|"
        r"tell|add to that)|no (?:comment|answer|idea|example|clue)|blank|too (?:private|"
        r"personal)|nothing comes|bit (?:private|personal)|private question|"
        r"personal question|rather not|prefer not|pass on|none of your",
        r"!finish\w*|my last|yet|job|hear|customer|they|recorded|robot|machine|bot|"
        r"computer|human|continue|done|completed?|complete|wrong",
    ),
    (
        Intent.SKIP,
        "os",
        r"^(?:next|pass|skip|move on|go on|move forward)(?: |$)",
        r"!that|i|my|steps?|exam",
    ),
    (
        Intent.QUESTION,
        "a",
        r"part time|full time|permanent|temporary|work (?:from|at) home|home office|"
        r"hours a (?:week|day)|days a week|nights|promot\w+|could i start|would i start|"
        r"start date|travel\w*|shifts?|remote\w*|team|tasks|duties|company|firm|offices?|"
        r"employees|people work\w*|work there|position|role|the job|working hours|"
        r"licen[cs]e|hiring|weekends?|probation|contract|career|uniform|parking|staff",
        r"!interview|answers?|hear|decide|results?|call|recording|data|read\w*|"
        r"start (?:again|over)|question|recorded|contact|salary|pay|pays|paid|wages?|"
        r"bonus|overtime|holidays?|vacation|benefits|rate|earn|money|negotiable|"
        r"compensation|get (?:the|this)|got|hired|human|person|recruiter|hr|email|see|"
        r"listen\w*|voice|video|camera|language|speak|mention|name|chances?|share|shared|"
        r"keep|stored?|other companies|package|told|next|after this|wrong|correct|change|"
        r"offer (?:me|you)|fits?|right for",
    ),
    (
        Topic.RESULT,
        "as",
        r"<RESULT>|find out|how long until|get (?:a|an|any) (?:reply|response|answer|"
        r"email|call|message|letter)|how many (?:interviews|rounds|stages)|"
        r"only (?:interview|round)|what comes$|after (?:this|the|that) (?:interview|call|"
        r"talk|one)?|happens? (?:next|now|then|after\w*)|comes? (?:next|then|after\w*)|"
        r"what is next|afterwards|the (?:\w+ )?process|from here|how soon|when will|"
        r"when do|when can|if i do not get|contact me|call me|write me|email me|"
        r"go(?:es)? (?:it )?on after|reach out",
        r"what|when|how|will|do|does|is|are|who|can|would|where|should|if",
        r"!question|start|job start|add|finish\w*|are we|do we finish|my answers|read\w*|"
        r"recording|data|work from|stored?|deleted?|my (?:voice|answer)|reach (?:the|you)|"
        r"next one|previous|could i start|when (?:do|will) we|over|answer it|"
        r"this interview end|back to (?:it|this|that)|get back to it|training|salary|"
        r"hours|evaluat\w+|email address|do you decide|i have to answer|not hear|"
        r"^who decides|how much money|salary|paid",
    ),
    (
        Topic.RESULT,
        "a",
        r"got|get|hired|taken|chances?|chance",
        r"job|position|it|offer|role",
        r"!remote|what (?:is|does)|promot\w+|did i get it right|right|money|much|salary|" r"paid",
    ),
    (
        Topic.JUDGED,
        "a",
        r"<SCORE>",
        r"!when|who|next|pass (?:on|this|that)|can (?:i|we) pass|hourly|rate of|the rate|"
        r"pay|hour|skip|exchange|my (?:data|information)|read|happens",
    ),
    (
        Topic.JUDGED,
        "a",
        r"^(?:that|it|this|my answer) (?:was|is)",
        r"<GOOD>",
        r"!you (?:mean|asked)|line|connection|sound|voice|to (?:use|have|look|write)",
    ),
    (
        Topic.JUDGED,
        "as",
        r"<GOOD>|correctly|sound|convincing|i (?:do|doing|done|did)|wanted to hear|"
        r"you think of",
        r"^(?:was|is|am|are|were|did|do|does|how|what)",
        r"my answers?|i|that|it|this|answer|me",
        r"!loud|hear\w*|heard|question|skip|okay (?:if|to|with|for)|bathroom|long|time|"
        r"allowed|line|connection|sound|clear|mic\w*|camera|salary|correct\?|company|job|"
        r"remote|work|to (?:use|have|look|mention)|came through|get (?:that|it)|"
        r"do you pay|part time|bring|wear|need|can i|could i|do i|what do i do|should i|"
        r"voice|microphone|come through|catch|you mean|get me|you are asking|asking|"
        r"sound (?:good|okay|quality)|my sound|the sound|robotic|happens",
    ),
    (
        Topic.JUDGED,
        "a",
        r"chances?|through|good answer|right answer|wanted to hear|what you (?:wanted|"
        r"were looking|expected)",
        r"i|me|my|that|is",
        r"!how far|come|came|coming|go through|question|promot\w+|put|happens",
    ),
    (
        Topic.PAY,
        "a",
        r"<PAY>",
        r"what|how|is|are|do|does|will|would|can|could|may|which|about|talk",
        r"!hour (?:long|is)|take|this interview|minutes|a year ago|the net|internet|last|"
        r"i paid|attention|my (?:old|last|current) (?:salary|job)",
    ),
    (
        Topic.LANGUAGE,
        "aow",
        r"switch|change|choose|another|other|different",
        r"languages?",
        r"!programming|word|team|job|company",
    ),
    (
        Topic.LANGUAGE,
        "a",
        r"<LANGUAGE>",
        r"possible|okay|fine|allowed|else",
    ),
    (
        Topic.LANGUAGE,
        "aow",
        r"<LANGUAGE>",
        r"speak|talk|answer|switch|do|have|use|understand|in|possible|okay|fine|version|"
        r"change|continue|say|available|offered|prefer|there|know|to",
        r"!team|company|customers?|clients?|office|job|role|position|i speak|programming|"
        r"course|i learned|work|required for the|people",
    ),
    (
        Topic.LANGUAGE,
        "a",
        r"english|which languages?|what languages?|languages",
        r"have to|must|only|required|mandatory|need|necessary|possible|speak|understand|"
        r"has to|else|another|other|okay",
        r"!team|company|programming|job|role|position|help|slow\w*|question|word|your|"
        r"simple|customers|everyday",
    ),
    (
        Topic.AIDS,
        "a",
        r"allowed|may i|can i|could i|okay|permitted|mind|cheating|problem|can my|"
        r"could my|possible|would it|forbidden|against the rules|am i|alright|is it fine|"
        r"fine if|do you allow",
        r"<AID>|drank|ate",
        r"!talk to|speak to|phone number|bathroom|toilet|break|go to|call|get|grab|camera|"
        r"answer (?:the )?phone|reach|pick up|my (?:child|baby)|add|skip|repeat|again|"
        r"recording|about|copy|my microphone|refresh|reload|last (?:answer|question)|"
        r"previous|finish|one more|read my|can you|could you|is there (?:a|an|any)|forgot|"
        r"glass|have (?:a|some) (?:drink|coffee)|detail|see the questions|what i said|"
        r"answer|working|did you|do you|question|questions|did you|do you write",
    ),
    (
        Intent.WAIT,
        "a",
        r"pause|stop for (?:a|one|two|three|five|ten)",
        r"interview|call|this|here|we|i",
        r"!speak|talk|recording",
    ),
    (
        Intent.WAIT,
        "aow",
        r"<BREAK>",
        r"can|could|may|need|take|have|let|make|short|we|i|possible|pause",
        r"!hours|lunch break|how long|longer|do not|again|when|job|later|interview was|me",
    ),
    (
        Intent.WAIT,
        "aows",
        r"(?:be|come|am) (?:right )?back|step (?:away|out)|be away|go away|leave the room|"
        r"excuse me for",
        r"!later|question|tomorrow|to (?:it|this|that)|call",
    ),
    (
        Intent.WAIT,
        "aow",
        r"<AWAY>",
        r"go|get|use|answer|take|open|close|turn|grab|check|let|feed|quickly|need|fetch|"
        r"pick|look after|switch|plug|charge|move|mute|drink|have",
        r"i|me|we",
        r"!my notes|my camera|with (?:a|my)|add|microphone is|help|talk to|speak to|"
        r"is it allowed|my (?:phone )?number|computer|ai|repeat|reload|salary|company|"
        r"robot|machine|call (?:about|someone|somebody|you|me|back|ended)|end the call|"
        r"you call|job|language|have time|is there|do you|camera|^(?:who|what|how|where|"
        r"which|should|is my|are)",
    ),
    (
        Intent.WAIT,
        "s",
        r"(?:door|doorbell|bell|phone|baby|child|kids?|postman|courier|delivery|dog|son|"
        r"daughter|someone|somebody|neighbou?r|alarm|kettle)",
        r"ring\w*|rang|cry\w*|knock\w*|woke|awake|bark\w*|at the door|here|calling|door|"
        r"need\w*|came in|walked in|going off|is boiling",
        r"^(?:there|my|the|someone|somebody|sorry|our|a)",
        r"!they|she|he|was|once|customers?|when|every|hear|always|rang",
    ),
    (
        Intent.WAIT,
        "aow",
        r"wait",
        r"bit|longer|moment|little|while|time",
        r"!until|finish|company",
    ),
    (
        Intent.WAIT,
        "aow",
        r"<SHORT_TIME>|thinking",
        r"give|need|have|take|wait|let|hold|hang|bear|can i|could i|may i|would like|want|"
        r"grant|just|think\w*|thoughts",
        r"!later|hear|left|how|interview|call|answers?$|extra|stop here|end|no time|"
        r"enough time|out of time|my baby|because|add|mention|speak|longer|anxi\w+|repeat|"
        r"limit|tell|correct|have time|explain|say|not have|more time for|person|human|"
        r"job|only have",
    ),
    (
        Intent.WAIT,
        "ow",
        r"^(?:wait|hold on|hang on|bear with|let me (?:\w+ )?(?:think|see|find|look|write|"
        r"consider|remember|collect|gather|turn|close|get|have|check|recall|reflect|sort)|"
        r"i (?:need|have|want|would like|must) (?:to )?(?:\w+ )?(?:think|find|collect|"
        r"gather|sort|consider|remember|look|reflect))",
        r"!finish\w*|until i|next|interview|call|skip|later|job|repeat|i was|i am not|"
        r"not done|another job|salary|something (?:new|else)|come back|correct|change|"
        r"human|manager|recruiter|question again|a company|challenge",
    ),
    (
        Intent.MAY_STOP,
        "aow",
        r"<END>",
        r"(?:stop|end|finish|quit|leave|terminate|cancel|abort|conclude|close|discontinue|"
        r"break off|hang up|withdraw|wrap) (?:\w+ ){0,2}(?:interview|call|conversation|"
        r"application|here|now|this|it|session|talk|process)|have to (?:leave|go)|"
        r"need to (?:leave|go)|hang up|must (?:leave|go)|should end|let us (?:stop|end|"
        r"finish)|want to (?:stop|quit|leave)|like to (?:stop|end|leave|quit)|"
        r"going to have to leave|no more time|leave now|not (?:want|wish) to (?:go on|"
        r"continue)|can we (?:\w+ )?(?:finish|stop|end)|(?:exit|quit|end|leave) (?:the|"
        r"this)",
        r"!record\w*|minutes?|moment|second|break|bathroom|toilet|door|when|sentence|"
        r"my (?:answer|thought|point|last|story)|question|how long|what i|cutting|camera|"
        r"later|tomorrow|later today|water|phone|skip|interrupt\w*|my (?:last |old |"
        r"current )?(?:job|company|employer)|(?:company|boss|team|customer)|go (?:to|back|"
        r"on|and)|will we|by|someone|somebody|leave (?:it|that|this)|are we|speaking|"
        r"for a|answer|before the end|did it|early|it slow|notice|on time|did you|"
        r"have you|^who|^why",
    ),
    (
        Intent.MAY_STOP,
        "aows",
        r"not (?:\w+ ){0,2}(?:interested|want to (?:continue|go on|do (?:this|it)|"
        r"carry on|be here|proceed)|for me)|changed my mind|withdraw|enough for me|"
        r"no longer (?:interested|want)|had enough|out of time|that is enough|"
        r"no more time|no time any ?more|lost interest",
        r"!is that enough|robot|machine|bot|computer|ai|answer|question|human|camera|was|"
        r"customer",
    ),
    (
        Topic.VOLUME,
        "aow",
        r"louder|speak up|volume|quieter|softer|turn (?:\w+ )*(?:up|down)",
        r"!camera|radio|tv|television|job|offer",
    ),
    (
        Topic.TROUBLE,
        "aows",
        r"<HARDWARE>|you|your voice|it|there|i",
        r"<BROKEN>|can not (?:\w+ )?hear|not hear|barely hear|hardly hear|trouble hearing|"
        r"louder|speak up|turn (?:\w+ )*up|not understand you|volume|stuck|in pieces|"
        r"far away",
        r"in pieces|far away|line|sound|connection|audio|voice|internet|mic\w*|screen|"
        r"page|browser|headset|headphones|wi ?fi|echo\w*|noise|noisy|hear|breaking|"
        r"cutting out|chopp\w+|lag\w*|crackl\w+|fro[sz]e\w*|freez\w+|disconnected|louder|"
        r"speak up|volume|static|glitch\w*|robotic|delay|faint|too quiet|very quiet|"
        r"so quiet|reload\w*|refresh\w*|signal|reception|battery|app|muffled|network",
        r"!question|what did|customer|we|production|again|heard|did you|have i|lost you|"
        r"anyone|anybody|hear me|hard of|job|my answer|repeat|still there|did the|"
        r"gone quiet|it is (?:very |so |gone )?quiet|missed|server|release|they|last|"
        r"first|second|the end|word|can i (?:\w+ )?hear|every|robot|are you|side|ears?",
    ),
    (
        Intent.PRESENCE,
        "as",
        r"there|here|on the line|connected|disconnected|online|lost you|listening|quiet|"
        r"silent|with me|drop\w*|gone|hear me|on|working|hung up|silence|"
        r"line (?:is )?(?:still )?(?:open|dead)|cut off",
        r"^(?:are you|is (?:anyone|anybody|somebody|someone|this thing|the (?:line|call)|"
        r"it)|anyone|anybody|can (?:anyone|anybody|you) hear|did (?:we|i|you|the (?:call|"
        r"line))|have (?:i|we|you)|do you hear|it (?:is|has|got|went)|"
        r"i (?:think i )?(?:\w+ )?lost you|still|you (?:still|went|have gone|there)|hello|"
        r"where are you|where did you|why is it|why are you|why (?:did|have) you)",
        r"!question|word|after|how far|company|job|camera|video|is it (?:okay|possible|"
        r"only|on)|people|hiring|recorded|office|team|is (?:it|this) (?:a|an)|hour|salary|"
        r"on tape|read\w*|based|private|there (?:a|an|any)|part|for a|on site|time|long|"
        r"everyone|everybody|^who",
    ),
)
"""Rules as in the talk rules, which are tried first."""
