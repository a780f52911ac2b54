"""Lexicon: classes of words that the rules of requests are made of, as patterns over bare words."""

import re

CONTRACTIONS = (
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"(?<=\w)'re\b"), " are"),
    (re.compile(r"(?<=\w)'ve\b"), " have"),
    (re.compile(r"(?<=\w)'ll\b"), " will"),
    (re.compile(r"(?<=\w)'d\b"), " would"),
)
"""Short forms of verbs, and what they are written out."""

LEXICON = {
    "BOT": r"ai|a i|artificial|(?:chat|ro)?bots?|robotic|machine|computer|program(?:me)?|software|"
    r"chat ?gpt|language model|automated|automatic|algorithm|siri|alexa|app|pre ?recorded",
    "HUMAN": r"humans?|human being|persons?|people|somebody|someone|anybody|anyone|real|man|woman|"
    r"recruiters?|hr|human resources|manager|boss|employees?|colleagues?|team|representative|"
    r"operator|agent|staff",
    "READ": r"read|reads|reading|review\w*|looks? at|looking at|listens?|listening|listened|hears?|"
    r"hearing|sees?|seeing|seen|goes through|go through|going through|checks?|checking|evaluat\w+|"
    r"assess\w*|gets?|receives?|access|reads?|shown|forwarded|sent|watch\w*|shared|analy[sz]\w+|"
    r"judg\w+|marks?|sit|sits|look through|looks through|find out",
    "SAID": r"(?:my|the|these|those|our|all) (?:\w+ )?(?:answers?|words|replies|responses?|"
    r"transcripts?|recordings?|text|audio|voice|conversation|interview|call|information)|"
    r"(?:what|everything|things|anything) (?:i|we|that i)\b|this|that|it|me|mine|these|here|them",
    "RECORD": r"record\w*|taped?|taping|transcri\w+|saved?|saving|stored?|written down|typed up|"
    r"taking notes|writing (?:this|it|that|everything) down|logg\w+|captur\w+|note down",
    "SEE": r"camera|cam|webcam|video|visible|film\w*|my face|picture",
    "QUESTION": r"questions?|that|it|this|one|you (?:said|asked|say|ask|were saying|want)|word|"
    r"thing|sentence",
    "AGAIN": r"again|once more|one more time|once again|another time|repeat\w*|re ?read|restate|"
    r"over again|say over|a second time|back to me",
    "PART": r"(?:first|second|third|last|other|next|middle|beginning|end|start|rest|final|latter|"
    r"ending|half|part|bit)",
    "UNCLEAR": r"understand|understood|follow|get|grasp|sure|clear|know",
    "EASIER": r"rephras\w+|explain\w*|clarif\w+|reword\w*|simplif\w+|simpler|easier|more easy|"
    r"(?:more )?simple|more simply|plain(?:er)?|differently|(?:different|another|other) (?:way|"
    r"words|wording)|more specific|more precise|more concrete|more detail|elaborate|paraphrase|"
    r"break (?:it|that|this|the question) down|example of what|give me an example|clearer|"
    r"more clear(?:ly)?|different words|put it",
    "MOVE": r"skip|pass|move on|go on|next|continue|move along|move ahead|go ahead|another|"
    r"different",
    "LATER": r"later|at the end|afterwards?|last|another time|come back|return|circle back|"
    r"get back|go back|after the (?:others|other|rest)|until the end|postpone|park|later on|"
    r"towards the end|save|first",
    "BREAK": r"break|pause|time ?out|breather|interrupt(?:ion)?|rest",
    "AWAY": r"bathroom|toilet|restroom|loo|washroom|door|doorbell|bell|phone|window|dog|cat|baby|"
    r"child|kids?|son|daughter|charger|water|tea|coffee|drink|tissue|nose|breath|headphones|"
    r"headset|glasses|pen|paper|delivery|parcel|postman|courier|call|radio|tv|television|oven|"
    r"stove|kettle|laptop|power|plug|outside|room|somewhere quieter|quiet place|neighbou?r|alarm",
    "SHORT_TIME": r"(?:a|an|one|two|three|four|five|ten|fifteen|twenty|thirty|some|few|couple of|"
    r"half a|little|quick|short|brief|more) (?:\w+ )?(?:moments?|seconds?|secs?|minutes?|mins?|"
    r"bit|while|time|break|pause)|moment|second|sec|tick|bit of time|while",
    "THINK": r"think\w*|consider|reflect|remember|recall|gather|collect|sort|organi[sz]e|prepare|"
    r"find|come up with|formulate|look for|search|figure out|process|find the (?:right )?words",
    "END": r"stop|end|finish|quit|leave|terminate|cancel|go|hang up|withdraw|close|abort|"
    r"conclude|wrap (?:it |this )?up|drop out|exit|disconnect|discontinue|call it a day|"
    r"log off|break off",
    "TALK": r"interview|call|conversation|talk|chat|session|process|application|this|it|here|now|"
    r"there|today",
    "DATA": r"(?:my|personal|our|the|this|all) (?:\w+ )?(?:data|information|details|recordings?|"
    r"voice|answers|transcripts?|interview|stuff)|personal data|what i (?:say|said|tell|told)|"
    r"everything i|everything|privacy|all (?:of )?this|all that",
    "KEEP": r"stor\w+|keep|kept|sav\w+|delet\w+|eras\w+|remov\w+|shar\w+|sell|sold|use|used|"
    r"happens?|happening|do with|done with|doing with|protect\w*|secur\w+|safe|held|hold|"
    r"process\w*|give|given|pass(?:ed)?|train\w*|owns?|forwarded|retain\w*|wip\w+|destroy\w*|handl\w+|"
    r"private|public\w*|anonym\w+|access|hosted|land|ends? up|goes|sent",
    "RESULT": r"results?|decision|decide|decided|outcome|feedback|next steps?|verdict|reply from "
    r"you|answer from you|hear (?:back|from|anything|something|more)|news|an offer|get back to|"
    r"in touch|let me know|got (?:it|the job|in)|get (?:it|the job|in)|made it|be told|"
    r"be (?:informed|notified|contacted)|(?:second|next|further|another|final|more|other) "
    r"(?:round|interview|stage)s?|rounds",
    "PAY": r"salary|salaries|wages?|pay|pays|paid|payment|earn|earning|bonus\w*|compensation|money|"
    r"remuneration|rate|package|per hour|an hour|hourly|per month|a month|per year|a year|"
    r"overtime|benefits|raise|pension|negotiable|gross|net|perks|income|stipend|allowance",
    "ROLE": r"job|role|position|team|tasks?|duties|responsib\w+|working hours|hours|work|remote\w*|"
    r"office|weekends?|shifts?|part time|full time|contract|permanent|temporary|manager|boss|"
    r"report|start|travel|training|tools|languages|tech|stack|day|week|probation|promot\w+|"
    r"career|colleagues|onboarding|licen[cs]e|uniform|parking|location|vacancy|site|holidays?|"
    r"vacation",
    "COMPANY": r"company|firm|organi[sz]ation|business|offices?|employees|people work|staff|"
    r"culture|values|customers|clients|products?|founded|headquarters|canteen|visas?|sponsor|"
    r"based|located|branches|competitors|industry|hiring|owns?|work there|work for you|"
    r"your (?:company|firm)",
    "HARDWARE": r"mic|microphone|internet|connection|wi ?fi|sound|audio|line|screen|page|browser|"
    r"headset|headphones|speakers?|voice|laptop|computer|app|battery|network|signal|reception|"
    r"call|earphones|website|tab|volume|phone|link|router|bluetooth",
    "BROKEN": r"bad|stuck|broken?|breaking|broke|cut\w*|chopp\w+|crackl\w+|distort\w+|"
    r"lag\w*|delay\w*|echo\w*|noise|noisy|fro[sz]e\w*|freez\w+|crash\w*|not work\w*|"
    r"stopped|poor|weak|slow|unstable|drop\w*|dying|dead|low|faint|quiet|loud|robotic|muffled|static|hiss\w*|"
    r"buzz\w*|"
    r"stutter\w*|wrong|problems?|issues?|trouble|disconnect\w*|gone|patchy|reload\w*|refresh\w*|"
    r"blocked|skipp\w+|jump\w*|glitch\w*|strange|weird|terrible|horrible|awful|unclear|scratchy|"
    r"error|playing up|acting up|not load\w*|went (?:off|black|dead|down)|reconnect\w*|restart\w*|"
    r"interference|feedback|off|black|disappeared|flaky|hardly hear|barely hear|not hear",
    "LANGUAGE": r"german|spanish|french|italian|polish|dutch|portuguese|chinese|mandarin|"
    r"cantonese|russian|turkish|arabic|hindi|urdu|japanese|korean|ukrainian|swedish|danish|"
    r"norwegian|finnish|greek|romanian|czech|hungarian|hebrew|bengali|tamil|vietnamese|thai|farsi|"
    r"persian|punjabi|croatian|serbian|bulgarian|slovak|catalan|another language|other languages?|"
    r"(?:a )?different language|(?:my )?(?:own|native|first|mother) (?:language|tongue)|"
    r"my language",
    "CONDITION": r"deaf|hard of hearing|hearing (?:aids?|loss|impair\w+|problems?|disability)|"
    r"dyslexi\w+|stutter\w*|stammer\w*|autis\w+|adhd|a d h d|disabilit\w+|disabled|aphasia|"
    r"tourette\w*|speech (?:impediment|disorder|problem|impairment)|visually impaired|blind|"
    r"panic attacks?|anxiety|anxious|tinnitus|asperger\w*|neurodiver\w+|impairment|cochlear|"
    r"dyspraxi\w+|epilep\w+|hear(?:ing)? (?:badly|poorly)|lip ?read\w*|on the (?:\w+ )?spectrum|"
    r"migraines?",
    "AID": r"notes?|google|look (?:something|it|that|this|things?|up|at|in|into)|calculator|"
    r"chat ?gpt|an ai|ai|internet|dictionary|documents?|documentation|cv|resume|paper|pen|"
    r"translator|translation|cheat\w*|book|search|web|(?:my|a) (?:wife|husband|friend|partner|"
    r"son|daughter|brother|sister|colleague|mother|father)|name (?:of|the|my|names)|mention|"
    r"client|customer|wikipedia|laptop|computer|phone|tools?|second screen|drink|eat|smoke|coffee|"
    r"help|helps|write (?:\w+ ){1,3}down|software|cheat sheet|read (?:from|off|out)|"
    r"slides|stand|walk around",
    "SCORE": r"scor\w+|points|grad(?:e|es|ed|ing)|rat(?:e|ed|es|ing)|marks?|marked|judg\w+|"
    r"evaluat\w+|assess\w*|criteria|pass|passed|fail|failed",
    "GOOD": r"good|okay|right|correct|wrong|enough|fine|well|long|short|bad|what you (?:wanted|"
    r"needed|were|are|expected)|useful|satisf\w+|great|acceptable|alright|any good|so far|better",
    "INTERRUPT": r"cut(?:ting)? me|interrupt\w*|jumped in|talked over|talking over|cut in|"
    r"spoke over|stopped me|too (?:early|soon|quickly|fast)|did not let me|not let me|cut off",
    "ANSWER": r"answers?|reply|response|statement|what i (?:said|told|have said|answered)|"
    r"something i (?:said|told)|number|year|name|date|figure|company|part|that|it|this|something|"
    r"myself|mistake|error|point|question|one|title|amount|age|place",
    "CHANGE": r"correct|change|fix|revise|amend|take (?:\w+ )?back|undo|edit|adjust|withdraw|"
    r"rectify|redo|replace|scratch|strike|ignore|forget|delete|update|modify|overwrite|"
    r"do (?:it |that )?again|answer (?:it |that )?again|retract|start over",
}
"""Classes of words, each by the name that the rules use."""
