"""Wordings of requests: how candidates ask for time, a repetition, the next question, the end.

A pattern of `WHOLE` has to match all of an utterance, without its fillers; one of `PARTS` all of a
part of it, one of `QUESTION_KEYS` anything in a part that is a question. The patterns are English.
"""

from enum import StrEnum


class Intent(StrEnum):
    """Intent of an utterance: what it asks for."""

    ANSWER = "answer"  # none of the others
    NOTHING = "nothing"  # no words at all
    WAIT = "wait"  # time to think, or only a filler
    REPEAT = "repeat"
    REPHRASE = "rephrase"
    SKIP = "skip"  # does not know, or wants the next question
    STOP = "stop"  # wants to end the interview, and says so
    MAY_STOP = "may_stop"  # perhaps: asks whether to stop, or only says a word of leaving
    SLOWER = "slower"
    FASTER = "faster"
    PRESENCE = "presence"  # is anybody there?
    PERMISSION = "permission"  # may I ...?
    QUESTION = "question"  # a question of the candidate's own
    YES = "yes"
    NO = "no"


_THAT = r"(that|it|this|the question|your question|that question|this question|this one|that one)"
_YOU = r"(can|could|would|will) you( please| maybe| possibly)?"
_AGAIN = r"( again| once more| one more time| for me| a little| please)*"
_A_BIT = r"( a (little|bit)( bit)?| much| slightly)?"
_PART = (
    r"(first|second|third|last|other|next|middle|beginning|end|start|rest)( (part|half|bit|one|"
    r"thing|question|word|words|point|sentence|few words|section))?"
)
_HERE = (
    r"( it| this| that| here| now| today| there| the interview| this interview| the call| then)*"
)

WHOLE: tuple[tuple[Intent, str], ...] = (
    (
        Intent.STOP,
        r"((can|could|may|shall|should) we |let'?s )?(stop|end|finish|terminate|quit|cancel) "
        rf"(the|this|our) (interview|call|conversation){_HERE}|i(( would|'d) like| want| need| "
        rf"have| must| wish)( to)? (stop|end|finish|quit|leave|go){_HERE}",
    ),
    (
        Intent.MAY_STOP,
        r"((can|could|may|shall|should) we (stop|end|finish|quit)|let'?s (stop|end|finish|quit)|"
        rf"stop|goodbye|good bye|bye|bye bye|i('m| am) (done|finished)){_HERE}",
    ),
    (
        Intent.SLOWER,
        r"((a (little|bit)( bit)?|much|slightly) )?(more )?(slower|slowly)|not (so )?(fast|quick|"
        rf"quickly)( please)?|({_YOU} |sorry |would you mind )*(repeat|say|read|ask|speak|talk|go|"
        rf"put|speaking|talking|going|repeating|saying)( {_THAT})?( again| once more| one more "
        rf"time)?{_A_BIT}( more)? (slower|slowly)( .{{0,20}})?|({_YOU} |would you mind "
        rf")?slow(ing)? (it )?down{_A_BIT}( .{{0,20}})?|(sorry )?(you('re| are) |you (speak|talk|"
        r"go) |(that|it|this)( is|'s| was) )?(speaking |talking |going )?(too|very|so|a bit|a "
        r"little) (fast|quick|quickly)( for me)?",
    ),
    (
        Intent.FASTER,
        rf"((a (little|bit)( bit)?|much|slightly) )?(faster|quicker|more quickly)|({_YOU} |you "
        rf"(can|may) )?(speak|talk|go){_A_BIT}( more)? (faster|quicker|quickly)( .{{0,20}})?|"
        rf"({_YOU} |you (can|may) )?(speak|talk) (normally|at (a )?normal (speed|pace))( again)?|"
        rf"({_YOU} )?speed up( .{{0,20}})?|(you('re| are) )?(speaking |talking |going )?(too|very|"
        r"so) (slow|slowly)( for me)?",
    ),
    (
        Intent.REPEAT,
        r"((sorry|pardon|excuse me|what|huh|come again|repeat|again)( me)?( |$))+|(i'?m )?(sorry "
        rf"|pardon )?(me )?{_YOU} (repeat|say|read|ask)( {_THAT})?{_AGAIN}|(sorry )?(repeat|say) "
        rf"{_THAT}{_AGAIN}|(i beg your pardon)|(i'?m )?(sorry )?(but )?i (didn'?t|did not|"
        rf"couldn'?t|could not) (quite |really )?(catch|hear|get) ({_THAT}|you|what you said)( "
        rf".{{0,40}})?|(sorry )?(what was|what were|what'?s) (the|your|that) (question|last "
        r"question)( again)?|(sorry )?what did you (say|ask)( me)?( again)?|one more time|once "
        rf"more|(sorry )?i missed {_THAT}( .{{0,40}})?|((what|which) (was|is|were) )?the {_PART}( "
        rf"of {_THAT})?( again| please)*|{_YOU} (repeat|say|read|tell me) (me )?(only |just )?the "
        rf"{_PART}( of {_THAT})?{_AGAIN}|i (only |just )?(heard|got|caught|understood|missed|"
        rf"forgot|lost|didn'?t (get|hear|catch)) (only )?(the )?(half|{_PART})( of {_THAT})?( "
        rf".{{0,20}})?|(i (forgot|lost|have forgotten|don'?t remember) |what was )(the question|"
        r"what you asked|what the question was|your question)( again)?|you (broke up|cut out|"
        rf"were gone)( .{{0,30}})?|(what|where) were (we|you)( talking about| saying)?( again)?|"
        rf"(would|do) you mind (repeating|saying)( {_THAT})?{_AGAIN}|(can|could|may) i (please "
        rf")?(hear|have|get) {_THAT}( again| once more| one more time)+",
    ),
    (
        Intent.REPHRASE,
        rf"(sorry )?what (do|did) you mean( .{{0,60}})?|(sorry )?i (don'?t|do not|didn'?t|did "
        rf"not) (quite |really )?(understand|follow)( {_THAT}| you| what (you|that|this|it|the "
        rf"question)( .{{0,30}})?| (the|this|that|your) (word|question|last|term)( .{{0,30}})?)?|"
        r"(i'?m )?not sure (i|if i|what you|that i) (understand|understood|follow|mean)( .*)?|"
        rf"{_YOU} (rephrase|explain|clarify|reword|simplify)( .{{0,60}})?|{_YOU} (put|say|ask|"
        rf"phrase) {_THAT} (differently|(in )?another way|in other words)|{_YOU} give (me |us "
        rf")?an example( .{{0,40}})?|what does (.{{1,40}}) mean|in what sense|(how|what) do you "
        rf"mean( {_THAT})?",
    ),
    (
        Intent.SKIP,
        rf"(sorry )?i (really |honestly )?(don'?t|do not) know( {_THAT}| the answer| about "
        rf".{{0,40}})?|(sorry )?(i (have|'ve got|got) )?no (idea|clue|answer)( .{{0,30}})?|(i'?m "
        rf")?(really )?not sure|i can'?t (answer|think of)( .{{0,40}})?|pass|(can|could|may|"
        rf"shall) (we|i|you) (please )?(skip|pass|move on|go on)( .{{0,40}})?|(let'?s |i(( would|"
        rf"'d) (like|rather)| want)( to)? )?(skip|pass on|move on)( .{{0,40}})?|(the |let'?s (go|"
        r"move) to the |go to the )?next( question| one)( please)?|i('d| would) (rather|prefer)( "
        rf"to)? not( .{{0,40}})?|nothing comes to mind|(can|could|may) (we|i) come back to "
        rf"{_THAT}( later)?",
    ),
    (
        Intent.WAIT,
        r"(just )?(one|a) (moment|second|minute|sec|tick)|(hold|hang) on( a (moment|second|minute|"
        r"sec))?|wait( wait| please)*|"
        r"(can|could|may) i think about (it|that)( for a (moment|second|minute))?|"
        r"(that'?s )?(a )?good question|let me have a think",
    ),
    (
        Intent.PRESENCE,
        r"(hello )?(are you|is anyone|is anybody|anyone|anybody) (still )?there( .{0,20})?|"
        r"(hello|hi|hey)( hello| hi| hey| there)*|(hello )?(can|do|"
        r"could) you (still )?hear me( .{0,20})?|is this( thing)? (on|working)",
    ),
    (
        Intent.YES,
        r"(yes|yep|yeah|sure|of course|certainly|go ahead|please do|fine|absolutely|yes yes|yes "
        r"sure|yes of course|that'?s fine|i do|yes i do|yes i have|i have)",
    ),
    (
        Intent.NO,
        r"(no )*(no|nope|not really|nothing|none|not (at the moment|yet|right now)|questions|i('m|"
        r" am) (good|fine|okay)|(i think )?that('s| is) (all|it|everything|fine|okay)|(i "
        r")?(don'?t|do not)( have (any|more|a)( .{0,30})?| think so)?|no (more )?questions|i "
        r"(have|'ve got) (no|nothing|none)( .{0,30})?|(all|everything)( is)? (clear|good))( "
        r".{0,12})?",
    ),
)

_TO_DO = (
    r"(?: (?:please|here|for (?:that|this|it|me)|before i (?:answer|reply|start|go on|respond|"
    r"say)(?: .{1,20})?|first|right now|now|more|with (?:that|this)|longer|sorry|okay|thanks|"
    r"maybe|to (?:think|gather|collect|remember|find|recall|put|sort|consider|reflect|process|"
    r"come up|prepare|look|organi[sz]e|answer|myself|breathe|get my|figure|order|formulate|phrase|"
    r"read|write)(?: .{0,40})?|thinking|and (?:then )?i'll .{0,30}|about (?:it|that|this)|if "
    r".{0,30}|until .{0,30}|so (?:that )?i can .{0,30}|let me .{0,30}|i'm .{0,30}))*"
)
_BIT = (
    r"(?: (?:a|an|one|another|some|few|two|three|five|ten|fifteen|thirty|the|couple|of|half|"
    r"little|short|quick|more|bit|tiny|brief|just|please|maybe|about|like|extra))* (?:moment|"
    r"second|minute|sec|bit|while|time|seconds|minutes|moments|secs|break|pause)"
)
_AWAY = (
    r"(?:go|get|use|step|run|open|close|answer|take|check|grab|fetch|pop|nip|feed|calm|mute|move|"
    r"turn|let|plug|charge|pick|blow|drink|have|see|look)"
)
_ASIDE = (
    r"(?:bathroom|toilet|restroom|loo|washroom|ladies|gents|door|doorbell|phone|window|dog|cat|"
    r"baby|child|kids?|son|daughter|charger|water|tea|coffee|drink|tissue|nose|sneeze|cough|"
    r"breath|break|headphones|headset|glasses|pen|paper|delivery|parcel|away|outside|call|cough|"
    r"sip)"
)
_OPEN = (
    r"(?: (?:it|this|that|this one|that one|the question|this question|that question|here|now))*"
)
_QUESTION_WORDS = (
    r"(?:you|it|that|this|the (?:question|first|second|third|last|end|beginning|rest|middle|other|"
    r"final)\b.{0,30}|your (?:question|last)\b.{0,20}|what you .{1,30}|(?:part|some|most|half|the "
    r"half|the end|the rest|all|much|any) of (?:that|it|this|the question|what you .{1,20})|half|"
    r"the end|a (?:word|bit|part)(?: of (?:it|that))?|which .{1,20} you .{1,20})"
)
_SLOW = r"(?:slower|slowly|slow (?:it )?down|less (?:fast|quickly)|(?:take|go) it slow(?:ly)?)"
_TOO = (
    r"(?:way |much |a bit |a little |far |kind of |sort of )*(?:too|so|very|really|quite|a bit|a "
    r"little)"
)

PARTS: tuple[tuple[Intent, str], ...] = (
    (
        Intent.WAIT,
        r"(?:please )?(?:wait|hold on|hang on|hold up|bear with me|stay with me|stand by|give me|"
        r"gimme|allow me|grant me|let me (?:have|take)|(?:can|could|may|might) (?:i|we) "
        r"(?:please |just |maybe |perhaps |also )*(?:have|get|take|ask for)|(?:can|could|would|"
        r"will) you (?:please |just |maybe )*(?:give|allow|grant) me|i(?:'d| would|'ll| "
        r"will)?(?: just| really| only| still)? (?:need|like|want|take|have to take|need to take|"
        rf"would need)|let's take|do you have|it takes me|this takes me|just|only)?{_BIT}{_TO_DO}|"
        r"(?:a|one|two|three|five|just a|half a) (?:moment|second|sec|minute|minutes|seconds|"
        rf"moments|bit){_TO_DO}|(?:just |still )thinking|(?:please )?(?:just )?(?:wait|hold on|"
        rf"hang on|hold up|bear with me|stay with me|stand by){_TO_DO}|(?:i |i'll |i'd like to |i "
        r"would like to |i just )?(?:need to|must|have to|want to|gotta|got to|'ve got to)(?: "
        r"just| first)? (?:think(?: (?:about (?:that|it|this)|for|first|a|how|what|which|hard|"
        rf"back|of (?:one|an example|something))(?: .{{0,40}})?)?|(?:gather|collect|sort|order|"
        rf"organi[sz]e|arrange) (?:my|some) (?:thoughts?|ideas|head|mind)(?: .{{0,20}})?)|(?:let|"
        r"lemme)(?: me)?(?: just)? (?:think|see|remember|gather|collect|consider|recall|"
        r"reflect)(?: (?:about|for|first|a|how|what|which|back|my|of|on|it|that|this|please|"
        rf"yeah)\b(?: .{{0,30}})?)?|i(?:'m| am) (?:still |just )?thinking(?: (?:about (?:it|that|"
        rf"this)|here|sorry))?|(?:i(?:'ll| will)? )?be right back(?: .{{0,20}})?|back in "
        rf".{{1,15}}|i(?:'d| would|'ll| will)?(?: just| really| quickly)? (?:need to|have to|must|"
        r"gotta|'ve got to|got to|should|want to|like to)(?: just| quickly)? (?:sneeze|cough|"
        rf"{_AWAY} (?:.{{0,25}} )?{_ASIDE})(?: .{{0,20}})?|i(?: just| really)? need (?:a |an |"
        rf"some |the |my )?(?:\w+ of )?{_ASIDE}(?: .{{0,15}})?|(?:can|could|may|is it (?:okay|ok|"
        rf"possible) (?:if|to))(?: i| we)?(?: just| please| quickly)* {_AWAY} (?:.{{0,25}} "
        rf")?{_ASIDE}(?: .{{0,20}})?|(?:(?:can|could|may|shall|should) (?:we|i)|let's|let us|is "
        r"it (?:okay|ok|possible) (?:if we|to)|would it be (?:okay|ok|possible) (?:if we|to))(?: "
        r"please| just| maybe| perhaps)* (?:(?:stop|pause|take|have|do|interrupt|break|halt|"
        rf"hold)(?: (?:this|it|here|the interview|for|in))*(?:{_BIT}|(?: a)?(?: quick| short| "
        r"little)? (?:break|pause|timeout))|pause(?: (?:this|it|here|the interview|briefly|"
        rf"now))*){_TO_DO}",
    ),
    (
        Intent.REPEAT,
        r"(?:i'm |i am )?(?:sorry|pardon(?: me)?|excuse me|come again|say again|again|repeat|what|"
        r"huh|what's that|what was that|how was that|say what|you what|i beg your pardon|repeat "
        r"please)|(?:just )?(?:one more time|once more|once again|again)(?: (?:please|for me|from "
        r"the (?:start|beginning|top)))*|(?:please |just |maybe |kindly |to )*(?:repeat|say|ask|"
        r"read)(?: (?:it|that|this|me|the|your|last|whole|question|part|bit|second|first|half|"
        r"end))*(?: (?:again|once more|one more time|please|for me|another time))*",
    ),
    (
        Intent.REPEAT,
        r"(?:i|we)(?: think i| only| just| really| honestly| kind of| totally| must have| may "
        r"have|'ve| have| had)* (?:lost|missed|(?:didn't|did not|couldn't|could not|haven't|"
        r"can't)(?: quite| really| fully| even| properly)*(?: get| catch| hear| register| follow|"
        r" make out| caught| got| remember| pick up)|forgot|forgotten|don't remember|can't "
        rf"remember|don't recall) {_QUESTION_WORDS}(?: .{{0,20}})?|i (?:only |just )*(?:heard|"
        r"caught|got|understood|remember) (?:only |just )?(?:the )?(?:half|first|second|last|"
        rf"beginning|end|start|part|a part|bits|every)\b.{{0,30}}|(?:and )?what (?:came|was|"
        rf"is)(?: the)? (?:next|after (?:that|this|it)|then|before that|after .{{1,15}})|i "
        r"(?:didn't|did not|couldn't|could not|can't) (?:hear|understand|catch)(?: (?:you|it|"
        r"good|well|right|properly|very|so|that|everything|much|all|of))*|you(?:'ve| were| "
        rf"just)*(?: broke| cut| gone| dropped| froze| went)(?: .{{0,20}})?|(?:the )?(?:last|"
        r"first|second|third|other|final) (?:part|half|bit|one|question)(?: (?:again|please|once "
        r"more))*",
    ),
    (
        Intent.REPHRASE,
        r"i(?: (?:really|honestly|still|just|think))* (?:don't|do not|didn't|did not|can't|cannot|"
        r"couldn't)(?: (?:really|quite|fully|actually|exactly|even|completely))* (?:get|"
        r"understand|follow|know|see|grasp) (?:what (?:you|that|this|is meant|the "
        r"question)\b.{0,40}|the question|your question|you|that question|this question|this|that|"
        r"how you mean .{0,20}|where you .{1,30})(?: .{0,10})?|i(?:'m| am)(?: (?:a|bit|little|not|"
        r"so|really|kind|of|just|quite|still|completely|totally))* (?:confused|lost|unsure|"
        r"puzzled|sure|following|with you|clear)(?: (?:by|about|what|if|how|with|which|i) .{1,40}|"
        r" now| here)?|(?:that|this|it|the question|your question|that question)(?:'s| is| "
        r"was)(?: (?:not|a|bit|too|very|really|little|quite|so|kind|of|somewhat))* (?:clear|"
        r"unclear|confusing|vague|complicated|broad|general|abstract|hard to understand|difficult "
        r"to understand)(?: (?:to|for) me)?(?: question)?|(?:in|what) (?:what sense|other words)|"
        r"(?:please )?(?:explain|rephrase|clarify|reword)(?: (?:it|that|this|the|your|question|"
        r"again|please|what you mean|to me|for me|differently))*",
    ),
    (
        Intent.SKIP,
        r"(?:please |the |to the |on to the |go to the |move to the )*next(?: (?:question|one|"
        r"topic))?(?: please)?|(?:please |let's |let us |let me |we can |you can |you may |i'll |"
        r"i will |i'd like to |i would like to |i want to |i'd rather |i would rather |i prefer "
        r"to |i'd prefer to |can i |maybe |just |better |i'm going to |i think i'll |i guess "
        r"i'll )*(?:skip|pass|(?:go|move|jump|continue|carry|proceed)(?: straight| right)? (?:on|"
        r"ahead|to the next(?: one| question)?|to something else|with the next(?: one| "
        r"question)?)|leave (?:it|this|that|this one|that one)(?: out)?|come back(?: to)?)(?: on|"
        rf" to| for now| the next (?:one|question)| please| later|{_OPEN[3:-2]})*",
    ),
    (
        Intent.SKIP,
        r"i(?:'d| would)(?: (?:really|actually|much))*(?: rather| prefer| prefer to| like)(?: "
        r"to)? not(?: to)?(?: (?:answer|say|talk|discuss|share|go|get|tell)(?: .{0,30})?)?|i(?: "
        r"really| honestly)?(?:'d)? (?:don't have|have no|haven't got) (?:an |a good |any |a "
        r")?(?:answer|example)(?: (?:for|to) (?:that|this|it|you))?|i(?:'d)? prefer not to(?: "
        r"(?:say|answer|talk about it|share))?(?: .{0,10})?|(?:i'll|i will|let me|i'd like to|i'd "
        r"rather|i would like to|i think i'll)(?: .{0,25} and)? (?:answer|do|take|come back to|"
        r"return to) (?:that|it|this|this one|that one|the question)(?: one)? (?:later|at the end|"
        r"afterwards|last)(?: .{0,10})?|i(?: (?:really|honestly|just))* (?:don't|do not|can't|"
        r"won't|am not|'m not|'d not)(?: really)? (?:want to|wish to|feel comfortable|feel like|"
        r"think i (?:can|should|want to)|like to|comfortable|going to|able to|have to)? "
        r"?(?:answer|answering|talk about|talking about|discuss|discussing|share|sharing)(?: "
        r"(?:that|this|it|here|one|question|the|right|now|with you))*|(?:that's|it's|this is) "
        r"(?:too )?(?:private|personal)(?: for me)?|no comment|no answer|(?:this|that)(?: "
        r"question| one)? i (?:really )?(?:don't|do not|won't|can't|would rather not)(?: want to| "
        r"like to)? (?:answer|say|talk about|discuss)(?: .{0,10})?|(?:i(?:'m| am) drawing|i draw|"
        r"it's|my mind(?:'s| is| has| just| went| goes)*(?: gone| went| completely| totally| a| "
        r"just)*)(?: a)? blank(?: .{0,15})?|(?:nothing|no example|no one) comes to (?:my "
        r")?mind(?: .{0,20})?|i(?: really)? can't (?:think of|come up with|remember|recall)(?: "
        r"(?:anything|one|any|an example|any example|a single one|something))(?: .{0,15})?",
    ),
    (
        Intent.PRESENCE,
        r"(?:hello|hi|hey|anybody|anyone)(?: (?:hello|hi|there|anybody|anyone|interviewer|home|"
        r"still))*|(?:is|are|was) (?:anyone|anybody|somebody|someone|you)(?: still| even| "
        r"really)*(?: there| here| on the line| with me| connected| on| alive| online| listening| "
        r"back| on the other (?:end|side))+(?: .{0,10})?|(?:have|did) (?:i|we) (?:just )?(?:lose|"
        r"lost) (?:you|the (?:connection|line|call))|(?:did|has|have|was|is|were|are) (?:the "
        r"(?:call|line|connection|interview)|we|you|it|this|i)(?: just| still| been| got| get| "
        r"gotten)*(?: (?:drop|dropped|disconnected|disconnect|cut off|cut|hang up|hung up|gone|go "
        r"away|freeze|frozen|froze|connected|live|off|dead|interrupted|still on|alive))(?: "
        r".{0,15})?|(?:why|how come) (?:is it|are you|is this|did you go)(?: so| suddenly| all)* "
        r"(?:quiet|silent)|(?:it's|it is|it's gone|it has gone|it went|it got|you've gone|you're|"
        r"you are|you went)(?: so| very| awfully| suddenly| all)* (?:quiet|silent)(?: .{0,15})?|"
        r"(?:are|is) (?:you|it|this|the thing)(?: still)? (?:working|running)|(?:do|does|can|"
        r"could) (?:you|anybody|anyone|somebody|someone)(?: still| even)? hear me(?: .{0,15})?|am "
        r"i (?:still )?(?:connected|audible|on|heard|online)(?: .{0,10})?|you there|still there",
    ),
    (
        Intent.SLOWER,
        rf"you(?:'re| are)?(?: (?:talking|speaking|going|talk|speak|go))? {_TOO} (?:fast|quick|"
        rf"quickly|rapid|rapidly)(?: .{{0,20}})?|(?:that|this|it)(?:'s| is| was) {_TOO} (?:fast|"
        r"quick)(?: for me)?|(?:please |just |maybe )*(?:speak|talk|go|ask|say it|say that|"
        rf"repeat it|repeat that)?(?: a (?:little|bit)| much| more| bit| it)* ?{_SLOW}(?: "
        rf".{{0,20}})?",
    ),
)
"""Wordings of a part; what stands beside it has to be an excuse."""

QUESTION_KEYS: tuple[tuple[Intent, str], ...] = (
    (
        Intent.SKIP,
        r"^(?:can|could|may|shall|is it|would it|do you mind|would you mind|should|will|am i|"
        r"do)\b.*\b(?:skip|pass(?: on)?|leave (?:it|this|that|this one|that one)(?: out| for)?|"
        r"(?:move|go) on(?: to| with| please|$)|(?:go|move|jump|skip|continue|proceed|have|"
        r"get)\b.*\bnext (?:one|question)|rather not|(?:come|circle|get|go|return) back to (?:it|"
        r"this|that|this one|that one|the question|this question|that question|them)|return to "
        r"(?:it|this|that)|park|put (?:it|this|that|this question|that question)\b.*\b(?:off|"
        r"aside|back)|(?:answer|do|ask me|take|tackle|save)\b.*\b(?:later|at the end|afterwards|"
        r"last|another time)|not (?:answer|say|talk))\b(?!.*\b(?:add|correct)\b)",
    ),
    (
        Intent.REPEAT,
        r"^(?!(?:can|could|may) i\b)(?:can|could|would|will|can't|couldn't|do you mind|would you "
        r"mind|mind|is it possible|any chance|please)\b(?!.*\bi (?:say|answer|start|begin|do|try|"
        r"tell|add|go)\b)(?!.*\b(?:start|begin|do|try|doing|starting)(?: it| that| this)? "
        r"(?:again|over))(?!.*\b(?:slow|example|differently|other words|another "
        r"way)).*\b(?:repeat|repeating|once more|one more time|once again|again|run (?:that|it) "
        r"by|go over (?:that|it|the question)|(?:hear|have|get|give me|say|tell me|read) (?:just |"
        r"only )?(?:that|it|the (?:question|(?:first|second|last|other|third) (?:one|part|half|"
        r"bit|question))))\b",
    ),
    (
        Intent.REPEAT,
        r"^(?:what|which \w+)(?: exactly| again)? (?:was|were|did) (?:that|the (?:thing|one|word|"
        r"part|question)|you say|it)\b(?!.*\bi said).*(?:\b(?:about|after|before|say|again|"
        r"exactly)\b|$)",
    ),
    (
        Intent.REPEAT,
        r"^(?:what|which|how)(?: exactly| again)? (?:was|were|is|did|about)\b(?!.*\bi "
        r"said)(?!.*\b(?:mean|my|salary|company|job)\b).*(?:\b(?:second|first|last|other|third|"
        r"middle|final|rest|beginning|end|start|full|whole|exact)(?: \w+)?(?: of (?:it|that|the "
        r"question))?|the question|your question|you (?:just )?(?:ask|asked|say|said|saying)|you "
        r"want to know)\b(?!.* (?:job|interview|here|this)$)",
    ),
    (
        Intent.REPEAT,
        r"^(?:may|can|could) i (?:please )?(?:hear|have|get)\b.*\b(?:again|once more|one more "
        r"time|repeated|question)\b",
    ),
    (
        Intent.REPHRASE,
        r"^(?:do|did) you mean\b|^(?:can|could|would|will|do|please|is there|"
        r"may)\b.*\b(?:rephrase|explain|clarify|reword|simplify|elaborate|paraphrase|differently|"
        r"other words|another way|different way|simpler|easier words|give me an example|an "
        r"example of what|define|more specific|be clearer|break (?:it|that|this) down|what you "
        r"mean|put (?:it|that) (?:more )?simply)\b",
    ),
    (
        Intent.REPHRASE,
        r"^what (?:is|was) (?:a |an |the |meant by |that word )?\w+(?: in this "
        r"context)?$(?<!next)(?<!pay)(?<!salary)|^what(?:'s| is) meant|^what kind of (?:example|"
        r"answer|thing)|^(?:what|how|which|in what|so what)\b.*\b(?:you|that|this|it|"
        r"question)\b.*\b(?:mean|means|meaning|looking for|getting at|asking(?: for| me)?|after|"
        r"want to know|wanting to know|want to hear|want from me|meant|refer\w*|driving at)\b",
    ),
    (
        Intent.SLOWER,
        r"^(?:can|could|would|will|do|is it|may)\b.*\b(?:speak|talk|go|say|ask|repeat|read|you|"
        rf"mind|slow\w*)\b.*{_SLOW}|\bslow(?:ing)? down\b",
    ),
    (
        Intent.FASTER,
        r"^(?:can|could|would|will)\b.*\byou\b.*\b(?:faster|quicker|more quickly|speed (?:it )?up|"
        r"hurry)\b",
    ),
)
"""Words that give a request away in a part that is certainly a question to the interviewer."""
