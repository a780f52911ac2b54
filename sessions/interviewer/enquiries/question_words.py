"""Words that give the topic of a question away, whatever its wording. The patterns are English."""

from sessions.interviewer.enquiries.wordings import Topic

_THIS = (
    r"(?:this|that|it|me|my|mine|these|what i|what we|the (?:answers?|interview|call|conversation|"
    r"recording|recordings|transcript|text|audio|talk))"
)
_LANGUAGES = (
    r"(?:german|spanish|french|italian|polish|dutch|portuguese|chinese|mandarin|cantonese|russian|"
    r"turkish|arabic|hindi|urdu|japanese|korean|ukrainian|swedish|danish|norwegian|finnish|greek|"
    r"romanian|czech|hungarian|hebrew|bengali|tamil|vietnamese|thai|farsi|persian|punjabi|"
    r"croatian|serbian|bulgarian|slovak|catalan|another language|other languages?|a different "
    r"language|different language|(?:my )?(?:own|native|first) language|my language|(?:my "
    r")?mother tongue|bilingual)"
)
_CONDITION = (
    r"(?:deaf|hard of hearing|hearing (?:aid|loss|impair\w+|problem\w*)|dyslexi\w+|stutter\w*|"
    r"stammer\w*|autis\w+|adhd|disabilit\w+|disabled|wheelchair|aphasia|tourette\w*|speech "
    r"(?:impediment|disorder|problem)|visually impaired|blind|panic attacks?|anxiety|anxious|"
    r"tinnitus|asperger\w*|neurodiver\w+|impair\w+|cochlear)"
)

QUESTIONS: tuple[tuple[Topic, str], ...] = (
    (
        Topic.ACCOMMODATION,
        r"\b(?:extra time|(?:more|longer|additional) time (?:for|to|on|than|per)|type|typing|"
        r"subtitles?|captions?|sign language|interpreter|accommodations?|adjustments?|screen "
        r"reader|braille|(?:written|text) (?:form|version|questions?|answers?|chat)|in writing|"
        r"(?:write|send|read) (?:my|the|you|down my|out my|them) (?:answers?|questions?)|(?:take|"
        r"go|keep) (?:it|this|things) (?:slow|slowly|easy|a bit slower)|(?:write|type) instead|"
        r"speak (?:clearly|more clearly)|(?:longer|more) (?:pauses?|breaks?)|not (?:to )?(?:cut "
        r"me off|interrupt me)|speak (?:for|instead of) me|see the questions?|questions? (?:on|"
        rf"in) (?:the|my|a) (?:screen|chat)|{_CONDITION})\b",
    ),
    (
        Topic.DATA,
        r"\b(?:my|personal|our) (?:data|privacy|personal (?:data|information|details))\b|"
        r"\b(?:privacy|(?:all|where|how) (?:is |are |of )?(?:this|that|it|these|they) (?:all "
        r")?(?:stored|kept|saved)|deletes?|deleted|erased?|gdpr|confidential|anonymous|"
        r"anonymi[sz]ed|data protection|train (?:some|an|the|your|any|ai|a)|training (?:data|your|"
        r"an|the|ai|some)|encrypted|third part(?:y|ies)|(?:sell|share|pass|give|hand|forward|"
        r"publish)\w* .*\b(?:data|information|recordings?|answers|details|this|it|"
        r"voice)\b.*(?:with|to|on|away|publicly)?|(?:keep|store|stored|kept|hold on to|save|"
        r"saved)\b.*\b(?:for|long|where|how)|(?:how long|where|how|what)\b.*\b(?:keep|store|"
        r"stored|kept|saved|use|used|do with|happens?|happening)\b.*\b(?:data|recordings?|answers|"
        r"information|voice|transcript|audio|this|it|me)|(?:how|where|how long)\b.*\b(?:data|"
        r"recordings?|answers|information|voice|transcript|audio)\b.*\b(?:keep|store|stored|kept|"
        r"saved|used|processed|held|go|protected)|(?:is|are|stay|kept|be) (?:it |this |that |"
        r"everything |this (?:interview|conversation|call) |what i say )?(?:private|secure|"
        r"safe))\b",
    ),
    (
        Topic.HUMAN,
        r"\b(?:talk|speak|transfer|connect|put|reach|contact|call|chat|deal|discuss|e ?mail|"
        r"write)\b.*\b(?:to|with|through)\b.*\b(?:human|person|recruiter|manager|somebody|someone|"
        r"hr|operator|colleague|people|agent|representative|real)\b|\b(?:have|do|get|schedule|"
        r"arrange|be)\b.*\b(?:normal|human|real|proper|personal|live|in person|face to face|"
        r"ordinary|regular)\b.*\b(?:interview|interviewer|conversation|person|human|instead|"
        r"one)\b|\b(?:contact|call|reach|email|ask|talk to|speak to)\b.*\b(?:human|recruiter|hr|"
        r"hiring manager)\b|^(?:who|whom)\b.*\b(?:contact|call|talk to|speak to|reach|turn to|"
        r"complain)\b|\bcontact (?:person|details|number)|\b(?:human|person|recruiter|someone|"
        r"somebody)\b.*\b(?:instead|available|take over|join|call me|interview me)\b|\b(?:phone "
        r"number|e ?mail address)\b",
    ),
    (
        Topic.RESULT,
        r"\b(?:feedback|next steps?|hear (?:back|from|anything|about|something|more)|(?:second|"
        r"next|further|final|another) (?:round|interview|stage)s?|results?|decisions?|decided?|"
        r"outcome|after (?:this|that|the interview|today)|(?:until|till|before) i (?:get|hear|"
        r"know)\b.*|(?:let|letting) me know|(?:somebody|someone|you|they) (?:call|contact|write "
        r"to|e ?mail|phone) me|get back to me|find out|be told|be (?:informed|notified|contacted|"
        r"called|in touch)|(?:happens?|comes?|is) (?:next|now|then|afterwards)|(?:process|"
        r"procedure)\b.*\b(?:here|next|like|after|now|look|work)|the (?:rest of the )?(?:hiring |"
        r"selection |recruitment |interview )?process|get (?:the|this|that) (?:job|position|"
        r"offer)|getting (?:the|this|that) (?:job|position)|chances?|hired?|shortlist\w*|an offer|"
        r"rejected|successful|expect (?:an answer|a call|to hear|news)|when will i know|how "
        r"soon)\b",
    ),
    (
        Topic.SEES,
        r"\b(?:camera|webcam|video|visible|film|filming|filmed|audio only|only audio|voice only|"
        r"only voice|just audio|just voice|my screen|my face|no picture|picture of me)\b|\b(?:see|"
        r"seeing|watch|watching|looking at|look at) (?:me|us|my (?:face|screen|room|desk|hands?|"
        r"picture|video))\b(?!.*\b(?:again|succeed)\b)|\bam i (?:being )?(?:seen|watched|filmed)\b",
    ),
    (
        Topic.READERS,
        r"^who(?:ever|'s| is| will| can| gets?| all| else| exactly| actually| has)?\b.*\b(?:read|"
        r"reads|reading|see|sees|seeing|hear|hears|listen|listens|listening|evaluates?|judges?|"
        r"reviews?|reviewing|gets?|watch|watching|looks?|looking|decides?|access|checks?|marks?|"
        rf"goes)\b.*\b{_THIS}\b|^who (?:decides|makes the decision|will decide)|\b(?:human|person|"
        r"boss|employer|manager|recruiters?|anyone|anybody|somebody|someone|hr|team|company|"
        r"people|they)\b.*\b(?:read|see|look at|listen to|listen|hear|go through|goes through|"
        r"get to see|find out|review|reviewing|reading|watching|access|check|"
        rf"learn)\b.*\b{_THIS}\b|\b(?:anyone|anybody|somebody|someone) (?:else )?(?:listening|"
        r"reading along|watching)|^(?:do|does|did|will|is|are|where do|where does|where will) "
        rf"{_THIS}\b(?!.*\b(?:if|i)\b).*\b(?:go|goes|sent|shown|forwarded|passed|shared with|seen "
        r"by|read by|reviewed by|end up)\b|\b(?:you|person|human|somebody|someone|who|computer|"
        r"ai) (?:who )?(?:that )?(?:decides?|makes? the (?:final )?decision)\b",
    ),
    (
        Topic.RECORDED,
        r"\b(?:record|records|recorded|recording|recordings|taped|taping|tape|transcripts?|"
        r"transcribed|transcribing|saved|stored|(?:somebody|someone|anyone|you|who's) (?:is "
        r")?taking notes|written down|writing (?:this|it|that) down|the audio)\b",
    ),
    (
        Topic.AIDS,
        r"\b(?:google|swear|eat|drink|walk around|stand up|sit|write (?:it|something|things|that|"
        r"this)|chat ?gpt|calculator|my notes|notes|look (?:something|it|that|things?) up|my cv|"
        r"my resume|my résumé|internet|dictionary|translator|translate|(?:ask|call|get help from|"
        r"have) (?:my|somebody|someone|a friend)\b.*\b(?:help|for|with|here)?|(?:wife|husband|"
        r"friend|partner|son|daughter|colleague|brother|sister|somebody|someone)\b.*\b(?:help|sit|"
        r"join|listen|translate|stay|with me)|help from|use (?:a|an|my|the|any)\b|check (?:my|"
        r"something|it)|look at (?:my|the|something)|read (?:from|off)|write (?:something|it|"
        r"things?|this|that) down|take notes|make notes|documentation|cheating|allowed to (?:use|"
        r"look|check|have|read|name|mention|say|talk)|(?:mention|name|say) (?:my|the|a|any) "
        r"(?:\w+ )?(?:names?|clients?|employers?|company|customers?)|pen and paper|whiteboard|"
        r"show you|share my screen|search|open (?:my|a|the))\b",
    ),
    (
        Topic.REAL_PERSON,
        r"\b(?:robot|bot|machine|human|human being|ai|a i|artificial|computer|chatgpt|language "
        r"model|chatbot|automated|real person|real voice|actual person|program|software|person|"
        r"pre ?recorded|siri|alexa|feelings|somebody real|someone real)\b(?!.*\b(?:talk|speak) to "
        r"(?:me|us)\b)",
    ),
    (
        Topic.LANGUAGE,
        r"\b(?:in|to|speak|understand|know|use|version|switch|talk|answer|do|have|continue|hold|"
        rf"run|is there|offer|available)\b.*\b{_LANGUAGES}\b|\b{_LANGUAGES} version\b|\bwhich "
        r"languages?\b",
    ),
    (
        Topic.VOLUME,
        r"\b(?:louder|quieter|speak up|volume|softer|less loud|more quietly|turn (?:it|yourself|"
        r"that|your voice) (?:up|down))\b",
    ),
    (
        Topic.PAY,
        r"\b(?:salary|wages?|pay|pays|paid|payment|bonus|bonuses|benefits|vacation|holidays?|days "
        r"off|travel costs?|expenses|would i get|home office|overtime|remote|remotely|hybrid|"
        r"travel costs|shift work|shifts|earn|money|compensation|pension|insurance|package|an "
        r"hour|per (?:hour|month|year)|a (?:month|year)|hourly|raise|stock options|work from home|"
        r"working from home|part time|full time|flexible|parental leave|sick leave)\b",
    ),
    (
        Topic.LEFT,
        r"\b(?:questions?|much|longer|many)\b.*\b(?:left|more|longer|remaining|to go|still|total|"
        r"altogether|there|ask|asking|coming|come|we have|overall)\b(?!.*\b(?:people|employees|"
        r"work)\b)|\b(?:last|final) (?:question|one)\b|\ba lot more\b|\b(?:nearly|almost|close to|"
        r"about|soon|getting) (?:to )?(?:done|finished|there|through|the end|over)\b|^(?:what|"
        r"which) (?:number|question)\b.*\b(?:we|on|at|now|this)\b|\bhow far\b|\bhalf ?way\b|^are "
        r"(?:we|you) (?:done|finished|through)\b",
    ),
    (
        Topic.LENGTH,
        r"\b(?:how long|how many minutes|how much time|how many hours|time limit|duration|take "
        r"long|last long|take much longer|time frame|limit)\b(?=.*\b(?:this|it|interview|we|last|"
        r"take|call|talk|thing|i|my|answers?|here|each|whole|there|conversation|session)\b|"
        r"$)(?!.*\b(?:firm|company|job|around|existed)\b)|\bwhen (?:will|do|are|"
        r"is)\b.*\b(?:finish|finished|end|done|over)\b|^(?:will|does|is) (?:this|it|the "
        r"interview)\b.*\b(?:take|last|be|minutes|hour|long)\b.*\b(?:long|minutes?|hours?|time|"
        r"longer)\b|\bwhat time will\b|\blong (?:interview|call|talk|one)\b|\b(?:done|finished|"
        r"through|over) (?:by|before)\b",
    ),
    (
        Topic.UNFINISHED,
        r"\b(?:i|me)\b.*\b(?:finish|complete|end|continue|go on with)\b.*\b(?:answer|what i|my|"
        r"sentence|thought|point|first|speaking|saying|talking)\b|\b(?:why|did) (?:did )?you "
        r"(?:interrupt|cut|stop)\b|\b(?:let me|can i|could i|may i) (?:please )?finish\b|\bgo on "
        r"(?:with|where)\b",
    ),
    (
        Topic.CORRECT,
        r"\b(?:correct|change|fix|revise|amend|take (?:that|it|something|this) back|undo|edit|"
        r"adjust|withdraw (?:that|my answer)|rectify|swap|replace|ignore what i|scratch|"
        r"strike)\b.*\b(?:answers?|said|something|that|it|this|one|part|number|what i|name|year|"
        r"mistake|last|previous|earlier|before|myself)\b|\bgo back\b(?=.*\b(?:answer|correct|"
        r"change|said|previous|wrong)\b|$)|\b(?:correct|fix|change) (?:that|it|this|something)\b|"
        r"\btake (?:that|it) back\b",
    ),
    (
        Topic.ADD,
        r"\b(?:may|can|could|okay if|ok if|all right if|alright if|possible|too late|"
        r"mind)\b.*\b(?:i|to)\b.*\b(?:add|mention|expand|elaborate|supplement|include|append|go "
        r"back to|return to|say (?:something|one|a bit|a little|more)|tell you (?:something|one|"
        r"more))\b",
    ),
    (
        Topic.ALREADY_SAID,
        r"^(?:did|didn't|have|haven't|hasn't|hadn't|wasn't|isn't|is|was|don't)\b.*\b(?:already|"
        r"same (?:question|thing|one|as)|before|just|earlier|again|twice)\b.*\b(?:ask|asked|said|"
        r"say|answer|answered|tell|told|question|cover|covered|talk|talked|as)?\b(?<!again)$|"
        r"^(?:did|didn't|have|haven't) (?:i|you|we)\b.*\b(?:ask|asked|answer|answered|say|said|"
        r"tell|told|cover|covered|discuss|discussed|talk|talked|go over|gone over)\b.*\b(?:that|"
        r"this|it|one|about)\b.*\b(?:already|before|earlier|just now|a (?:minute|moment) ago|"
        r"yet)?$|\bsame question\b",
    ),
    (
        Topic.JUDGED,
        r"^(?:am i|was i|was (?:that|this|it|my answer|what i)|is (?:that|this|it)|were my|are my|"
        r"did i|do i)\b.*\b(?:good|okay|ok|right|correct|wrong|enough|fine|well|long|short|wanted|"
        r"looking for|meant|better|bad|passing|satisfied|useful|chance|chances|suitable|qualified|"
        r"what you (?:want|need))\b|\b(?:wanted to hear|what you were after|scores?|scored|"
        r"scoring|ratings?|rated?|graded?|grades|points|marks|evaluat\w+|assess\w*|judge|judged|"
        r"judging|criteria|how am i doing|how did i|doing (?:okay|ok|well|so far|all right)|do "
        r"(?:okay|well)|pass(?:ed|ing)?|good (?:answer|enough)|right answer|wrong answer|my "
        r"answers? (?:good|okay|right|enough)|what did you think|do you like)\b",
    ),
    (
        Topic.GOT_IT,
        r"^am i (?:coming|getting) (?:through|across)|^(?:did|do|have|are|could|can|were|is|was|"
        r"has|am) (?:you|my|that|it|this|the|everything|all|any\w*|i coming|i "
        r"getting)\b.*\b(?:get|got|getting|hear|heard|hearing|understand|understood|catch|caught|"
        r"write|note|noted|follow|following|receive|received|register|registered|loud enough|"
        r"clear|audible|pick up|picked up|come through|came through|come across|arrive|arrived|"
        r"record that|go through|gone through|cut off|coming through|my accent|getting through|"
        r"get through|make sense|come over|came over|loud and clear|working)\b(?!.*\b(?:job|offer|"
        r"back)\b)",
    ),
    (
        Topic.VOLUNTARY,
        r"^(?:do i|must i|am i|should i|is (?:this|it|that)|are these|what if i|what happens if "
        r"i)\b.*\b(?:have to (?:answer|say|tell)|need to answer|required|obliged|forced|mandatory|"
        r"obligatory|optional|compulsory|necessary|answer (?:this|that|it|every|all|everything)|"
        r"don't (?:answer|want to answer)|refuse)\b",
    ),
    (
        Topic.WHO,
        r"^who (?:am i|are you|is this|is that|is there)\b|^(?:what|which) company\b(?=.*\b(?:is "
        r"this|you|for)\b)|\bwho i(?:'m| am) (?:talking|speaking)\b|\b(?:your name|who made you|"
        r"who built you)\b",
    ),
    (
        Topic.TROUBLE,
        r"\b(?:echo|noise|noisy|connection|microphone|mic|headset|choppy|breaking up|cutting out|"
        r"lag|lagging|delay|crackl\w+|distorted|the (?:sound|line|audio)|static|reload|refresh|"
        r"glitch\w*|reconnect|call back)\b",
    ),
)
"""Words of a part that is certainly a question to the interviewer, in the order of their weight."""

PARTS: tuple[tuple[Topic, str], ...] = (
    (
        Topic.REAL_PERSON,
        r"you (?:don't |do not |really |kind of |do )*sound(?: \w+)? (?:like |very |so |too |"
        r"quite )*(?:a |an )?(?:<REAL> )*(?:<PERSON>|<BOT>|recording|robotic|artificial)(?: "
        r".{0,15})?",
    ),
    (
        Topic.HUMAN,
        r"(?:please )?(?:connect|put|transfer|pass) me (?:on |over |through )?(?:to|with|through "
        r"to) .{1,40}|i (?:don't|do not|won't|refuse to|wouldn't like to)(?: really)?(?: want| "
        r"wish| like)?(?: to)? (?:do (?:this|it|an interview)|talk|speak|be interviewed|have this|"
        r"answer|deal)(?: .{0,20})? (?:with|by|to) (?:a |an |some |this )?(?:<BOT>|thing)(?: "
        r".{0,15})?|i(?:'d| would| want| need)*(?: really| much)*(?: rather| prefer| like)?(?: "
        r"to)? (?:talk|speak|do (?:this|it)|deal|be interviewed|have (?:this|the interview)|chat|"
        r"discuss (?:this|that|it)) (?:to|with|by) (?:(?:a |an |the |some )(?:<REAL> |human |"
        r"hiring )*(?:person|human|human being|recruiter|manager|interviewer|colleague)|somebody|"
        r"someone|hr|the recruiter)(?: .{0,25})?|(?:give|get|find) me (?:a |an |the |some "
        r")?(?:<REAL> )*(?:<PERSON>|recruiter|manager)(?: .{0,15})?|(?:i(?:'d| would) (?:like|"
        r"prefer|rather have) )(?:a |an |the )(?:normal|real|human|proper|personal) (?:interview|"
        r"interviewer|person)(?: .{0,15})?",
    ),
    (
        Topic.LANGUAGE,
        r"(?:können|könnten|kann|könnte|sprechen|sprichst|darf|dürfte|geht|gibt|puis|puis-je|"
        r"peut|pouvons|pouvez|peux|est-ce|podemos|puedo|puede|podría|habla|hablas|se puede|"
        r"possiamo|posso|può|parli|parla|podemos|posso|fala|você|mogę|możemy|czy|mówisz|mag|"
        rf"kunnen|spreekt|kan) .{{1,50}}|.*\b(?:deutsch|français|francais|español|espanol|"
        rf"italiano|português|polsku|nederlands|русск\w+|türkçe|svenska|dansk)\b.{{0,20}}|i(?:'d| "
        r"would)?(?: really| much)* (?:prefer|rather|like|want)(?: to)?(?: (?:speak|talk|answer|"
        r"do (?:this|it)|have (?:this|the interview)|continue|switch))*(?: in| to)? "
        rf"{_LANGUAGES}(?: .{{0,15}})?",
    ),
    (
        Topic.ACCOMMODATION,
        r"(?:please )?(?:can you |could you )?(?:give me|i need|i'd need|i would need|i usually "
        rf"get|i'm allowed|i am entitled to|i get|i need)(?: .{{0,15}})? (?:extra|more|additional|"
        rf"longer)(?: \w+)? time (?:for|to answer|to speak|because|than|on|with|due)\b.{{0,40}}|i "
        rf"need (?:a (?:bit|little) )?(?:more time|longer)\b.{{0,15}}(?:because|to (?:answer|"
        rf"speak|talk))\b.{{0,30}}|(?:i(?:'m| am| have| suffer from|'ve got)|because i(?:'m| am| "
        rf"have))(?: (?:a|an|a bit|partly|slightly|severe|mild|very|quite|from))* {_CONDITION}(?: "
        rf"(?:on|in|with|and|so)\b.{{0,40}})?|i (?:stammer|stutter)(?: .{{0,10}})?|(?:please )?be "
        r"patient(?: with me)?|(?:please )?(?:take|go|keep) (?:it|this|things) (?:slow|slowly|"
        rf"easy)(?: .{{0,15}})?",
    ),
    (
        Topic.VOLUME,
        r"(?:please |a (?:bit|little) )*(?:speak up|louder|quieter|not so loud|turn (?:it|the "
        r"volume) (?:up|down))(?: please| a (?:bit|little)| for me)*|you(?:'re| are| sound)? "
        r"(?:very |so |too |a bit |really |quite )*(?:loud|quiet|soft)(?: .{0,15})?|your voice(?: "
        r"is|'s) (?:very |so |too |a bit |really |quite )*(?:loud|quiet|soft|low|faint)(?: "
        r".{0,15})?|(?:the )?volume(?: is|'s) .{1,20}",
    ),
    (
        Topic.ADD,
        r"(?:just )?(?:one|another|a)(?: more| quick| small| last| further)* (?:thing|point|"
        r"addition|detail|remark|note|comment)(?: (?:to (?:add|say|my|that|mention|the)|on "
        r"(?:that|the|my|it|this)|about (?:that|the|my|this)|for (?:the|my|that)|i(?:'d| would)? "
        r"(?:want|wanted|like|forgot|should|need|have to|meant|must)|before (?:we|you|i)|"
        r"regarding)\b.{0,40})?|there(?:'s| is| was| are)(?: still| also| just)* (?:something|one "
        r"thing|one more (?:thing|point|detail)|more|another (?:thing|point|detail)|a detail|a "
        r"point|a few things)(?: (?:else|that))* i(?:'d| would| just| still| really| also)*(?: "
        r"like| want| need| forgot| wanted| should| have| love| left| didn't| meant| "
        r"missed)\b.{0,40}|(?:<WANT>|i(?:'d| would) (?:also )?like to)(?: just| quickly| also)* "
        r"(?:(?:add|append|expand|elaborate|say)(?: (?:something|one|that|this|on|to|a (?:thing|"
        r"point|word|detail|comment|remark|little|bit|few)|another (?:thing|point|detail)|more|"
        r"an? \w+ to)\b.{0,40})?|(?:go|come) back to\b.{0,40}|return to\b.{0,30})|(?:let me|i'll|"
        r"i will|allow me to)(?: just| quickly| also)* (?:add|expand|elaborate)\b.{0,30}|i(?: "
        r"just| also| totally| completely)* (?:forgot|left out|remembered|thought of|missed)(?: "
        r"to (?:mention|say|add|tell you))?(?: (?:something|one|an important|another|a|"
        r"part)\b.{0,35})?",
    ),
    (
        Topic.CORRECT,
        r"(?:i(?:'d| would)? (?:like|need|want|have|wish)(?: to)|i must|i should|let me|i'd "
        r"better|allow me to)(?: just| quickly| please)* (?:correct|change|fix|revise|amend|take "
        r"(?:that|it|something) back|rectify|rephrase (?:my|that|what)|adjust|withdraw (?:that|my "
        r"answer))(?: .{0,25})?\b(?:answers?|said|something|that|it|this|one|part|number|name|"
        r"year|date|figure|mistake|myself|statement|told you)\b.{0,30}|(?:what|something|the "
        r"(?:number|year|date|name|figure|thing|answer|part)) (?:i|that i)(?: just)? (?:said|told "
        r"you|gave you|mentioned)(?: .{0,20})? (?:was|is|wasn't|isn't)(?: not)?(?: quite| really| "
        r"actually| completely)* (?:wrong|right|correct|incorrect|true|accurate|a mistake)(?: "
        r".{0,10})?|i (?:gave|told) you (?:the |a )?(?:wrong|incorrect|false)\b.{0,25}|(?:that|"
        r"it) should(?: have)? be(?:en)? .{1,25}|i(?:'ve| have)? (?:misspoke|misspoken|mixed "
        r"(?:that|it|something|things) up|mixed up .{1,25}|got (?:that|it|something) wrong)|"
        r"(?:scratch|forget|ignore|strike|cancel|delete) (?:that|what i (?:just )?said|my last "
        r"answer|the last (?:part|bit|sentence))",
    ),
    (
        Topic.UNFINISHED,
        r"i was(?:n't| not)?(?: only| just| still| not| even| about)* (?:half ?way(?: "
        r"through.{0,30})?|in the middle of (?:my|that|a|the|an|saying|explaining|answering)(?: "
        r"(?:answer|sentence|thought|story|point|word|it|something|example))?(?: when you "
        r".{1,20})?|mid (?:sentence|answer|thought)|(?:getting|coming) to .{1,20}|(?:going|about) "
        r"to (?:say|tell|finish|add|explain|mention)\b.{0,30})|(?:please )?(?:don't|do not|stop) "
        r"(?:interrupt\w*|cut\w*)(?: me)?(?: .{0,10})?|(?:that|it) wasn't(?: yet)?(?: all(?: "
        r"yet)?| everything(?: yet)?| the (?:end|whole) .{1,20}| my (?:whole|full) answer)|"
        r"(?:i(?:'ve| have)|there's|there is)(?: still| got| a lot| some)* more(?: to (?:say|tell|"
        r"come|it))?(?: .{0,15})?|(?:but )?(?:i(?:'m| am)) (?:still|not)(?: quite| yet)? "
        r"(?:talking|speaking|answering|done|finished|there)(?: .{0,15})?|i (?:wanted|was going|"
        r"would like|'d like) to (?:finish|say more|go on|continue)\b.{0,30}|you (?:stopped|"
        r"interrupted|cut)\b.{0,25}",
    ),
    (
        Topic.ALREADY_SAID,
        r"(?:that|this|it)(?:'s| is| was|'d be| would be)(?: (?:basically|pretty much|exactly|"
        r"more or less|just|really|kind of|actually))* (?:what|the same(?: (?:thing|answer|"
        r"question|one))?|my (?:last|previous|first) answer)(?: (?:that )?(?:i|you|we)(?:'ve| "
        r"have| just| already)* (?:said|told|answered|explained|mentioned|asked|talked|had|"
        r"covered|described|meant)\b(?!.*\bto (?:my|the|him|her|them|our)\b).{0,40}| as .{1,30}| "
        r"again)?|(?:but )?(?:i think |i believe |i guess |this |that )?i(?:'ve| have| had)?(?: "
        r"just| already| actually| sort of| have)* (?:covered|answered|addressed|explained|"
        r"mentioned|described|told you|said|talked about|given you)(?: (?:that|this|it|about|one|"
        r"all of that|the same|you|to you))*(?: (?:already|about that|about it|before|earlier|"
        r"just now|in (?:my|the) .{1,30}|with (?:my|the) .{1,25}|when .{1,30}|a (?:minute|moment|"
        r"while) ago|twice|at the (?:start|beginning)))*|(?:you|you've)(?: have| just| already)* "
        r"asked(?: me)? (?:that|this|it|the same (?:question|thing)|this one|that one)(?: "
        r".{0,20})?|(?:we|we've)(?: have| just| already)* (?:covered|had|been over|been through|"
        r"talked about|done|discussed|gone over|gone through)(?: me)? (?:that|this|it|the same "
        r"(?:question|thing)|this one|that one)(?: .{0,20})?|(?:that|it|this)(?:'s| is| was)(?: "
        r"all| already)? (?:in|part of) my (?:\w+ )?(?:answer|reply)(?: .{0,20})?|(?:as|like) i "
        r"(?:already )?(?:said|mentioned|told you|explained)(?: .{0,15})?|(?:my|the) answer(?: is|"
        r"'s) (?:still )?the same(?: .{0,15})?|(?:same|the same) (?:question|answer) (?:as|"
        r"again)\b.{0,15}",
    ),
    (
        Topic.GOT_IT,
        r"(?:so )?you (?:heard|got|caught|understood|followed|received|noted)(?: all of)?(?: "
        r"<THAT>)(?: .{0,15})?|(?:i )?(?:hope|hopefully|not sure|i'm not sure|i don't know)(?: if|"
        r" whether| that)? (?:you|that|it|my answer)(?: .{0,15})? (?:heard|got|hear|get|caught|"
        r"understood|came|went|come|go|recorded)\b.{0,25}",
    ),
    (
        Topic.TROUBLE,
        r"(?:there(?:'s| is|'re| are)|i(?:'m| am)? (?:can |only |just |keep )*(?:hear|hearing|get|"
        r"getting|have|having))(?: (?:a|an|some|only|such|this|so|much|lots of|terrible|bad|"
        r"really|horrible|strong|awful|huge|big|weird|constant|very))* (?:echo|noise|static|delay|"
        r"lag|feedback|crackling|interference|hum|buzz|buzzing|crackle|problems?|trouble|issues?|"
        r"myself|background noise|hissing)(?: (?:on|with|in|hearing|here|from|my|at|when|"
        r"understanding|right|now)\b.{0,30})?|i hear (?:myself|my own voice|an echo)\b.{0,20}|i "
        r"have (?:a |an )?(?:very |really )?(?:bad|slow|weak|poor|unstable) (?:connection|line|"
        r"internet|signal|reception)\b.{0,15}|(?:i(?:'m| am)? (?:having|have)) (?:trouble|"
        r"problems?|difficult\w+|a hard time) (?:hearing|understanding|with)\b.{0,35}|i think "
        r"(?:my|the|your) (?:mic|microphone|connection|internet|line|sound|headset|audio|"
        r"wifi)\b.{0,30}|(?:my|the|your) (?:sound|audio|line|connection|voice|mic|microphone|"
        r"internet|headset|wifi|call)(?: (?:is|has|keeps|just|sounds|went|isn't|'s|doesn't|cut "
        r"out|broke up|sound))\b.{0,35}|(?:it|you|that)(?:'s| is| are|'re)?(?: (?:keep|keeps|"
        r"sound|sounds|really|very|so|all|a bit))* (?:cutting|breaking|lagging|choppy|crackl\w+|"
        r"distorted|muffled|metallic|stuttering|glitch\w*|echo\w*|delayed|robotic|far away|"
        r"underwater)\b.{0,20}",
    ),
    (
        Topic.RECORDED,
        r"i (?:don't|do not|wouldn't|would not)(?: really)? (?:want|like|agree|wish|consent)(?: "
        r"(?:this|it|that|my voice|me))?(?: to)?(?: be| being| to be)? (?:recorded|taped|saved|"
        r"stored|a recording)(?: .{0,15})?|(?:please )?(?:stop|turn off|switch off|don't start) "
        r"(?:the )?recording(?: .{0,15})?",
    ),
    (
        Topic.AIDS,
        r"(?:i(?:'d| would)? (?:like|need|want|have)(?: to)|let me)(?: just| quickly)* (?:look "
        r"(?:it|that|something|this) up|check my (?:notes|cv|calendar)|use (?:a|my) (?:calculator|"
        r"notes)|google (?:it|that|something))(?: .{0,15})?",
    ),
    (
        Topic.VOLUNTARY,
        r"(?:i don't have to answer|i'm not sure i (?:have|want|need|should) to? ?(?:answer|share|"
        r"say))(?: (?:that|this|it|here))*",
    ),
)
"""Wordings of a part that is no question; names in `<CAPITALS>` stand for groups of `wordings`."""
