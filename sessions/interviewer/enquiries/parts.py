"""Parts: an utterance taken apart into what it asks for and what is only said along with it.

"I think my microphone was off. Did you get any of that?" asks one thing, and excuses itself.
"Who reads the logs? Nobody did, so I built an alert." tells a story: a part that is neither a
request nor an excuse makes the whole an answer. The patterns are English.
"""

import re

MAX_WORDS = 26
"""Number of words above which an utterance is taken for an answer."""

MAX_PARTS = 5
"""Number of parts above which it is one, too."""

_SPLIT = re.compile(
    # A comma parts where a new clause begins behind it: a question, an order, a first person.
    r"(?<=[.!?…;])\s+|\s+[–—-]\s+|,\s*(?=(?:and |but |so |or |then |please |because |since |as |"
    r"sorry )*(?:i|i'm|i've|i'd|i'll|can|could|may|might|shall|should|would|will|do|does|did|is|"
    r"isn't|are|was|were|weren't|have|has|am|what|which|who|how|when|where|why|let's|let|please|"
    r"give|wait|hold|hang|speak|say|stop|you|you're|your|my|there's|there|it's|it|if|sorry|just|"
    r"one|two|the|an|even|that's|this|that|something|somebody|someone|next|right|okay|slower|back|"
    r"before|a|we)\b)|\s+(?=(?:so please|so can|so could|so may|but can|but could|but i|because|"
    r"since i|and can|and could|so i|so let's)\b)",
    re.IGNORECASE,
)

_TALE = re.compile(
    r"\b(?:they|he|she|them|him|her|his|their|we|us|our|customers?|clients?|guests?|patients?|"
    r"users?|team|project|colleagues|said|says|ask|asks|asked|told|tells|always|usually|often|"
    r"sometimes|never|every|everybody|everyone|years?|months?|weeks?|once|used|built|made|learned|"
    r"worked|decided|wanted|went|came|found|took|became|would)\b"
)
"""Words of a story or a habit, which make no excuse."""

_OWN_WORDS = re.compile(
    r"\b(?:i|you)(?: just| already)? (?:said(?! so)|told you|asked|say)\b|\bi would\b"
)
_THING = (
    r"(?:truck|lorry|car|train|plane|siren|ambulance|dog|cat|baby|phone|telephone|mic|microphone|"
    r"connection|internet|wifi|wi fi|network|line|headset|headphones|earphones|speaker|battery|"
    r"neighbou?rs?|doorbell|door|bell|kids?|child|children|son|daughter|mind|head|throat|english|"
    r"computer|laptop|browser|screen|page|app|alarm|colleague|wife|husband|mother|partner|"
    r"roommate|flatmate|sound|audio|voice|noise|signal|reception|call|webcam|room|office|parcel|"
    r"delivery|postman|camera|thing|music|radio|construction|drill|window|hearing|ear|ears|notes|"
    r"memory)"
)
_FREE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:because |since |as |and |but |so |or |well |then )*(?:(?:i am|i'm|i was|i have|i've|"
        r"i've got|i feel|i think (?:my|your|i (?:lost|missed|broke|forgot|cut|was|got)|that was|"
        r"you|we got|there|the (?:line|connection|sound|call|mic|microphone|internet))|i get|i "
        r"got|i need|i must|i can't|i cannot|i couldn't|i didn't|i don't|i did not|i do not|i "
        r"could not|i have not|i can not|i am not|i just|i only|i lost|i missed|i forgot|i gave|i "
        r"heard|i had|i said|i mentioned|i hope|i'd like|i want|i would like|i live|i wear|i "
        r"suffer|i should|i might|i may|i'll|i will|i really need|i thought|i probably|i haven't|"
        r"i hear|i see|i misspoke|i mixed|i answered|i meant|i stumbled|i started|i speak|i "
        r"work)\b(?: \S+){0,10})",
        r"(?:because |since |as |and |but |so |sorry )*(?:there(?:'s| is| was| are| were)|"
        r"somebody|someone)\b(?: \S+){0,9}",
        r"(?:because |since |as |and |but |so |sorry )*(?:(?:a|an|the|my|our|some|your)(?: \w+)? "
        rf")?{_THING}\b(?:'s| is| was| just| has| had| went| beeped| keeps| kept| got| woke| rang|"
        rf" isn't)?(?: \S+){{0,8}}",
        r"(?:because |and |but |so )*it(?:'s| is| was)? ?(?:beeped|froze|cut|got|went|crackled|"
        r"lagged|broke|disappeared|dropped|loud|noisy|quiet|just|all|a|been|is|was|keeps|sounds|"
        r"sounded|seems|seemed|\d+|so|very|really|quite|important|not|my|only|hard|difficult|"
        r"the)(?: \S+){0,8}",
        r"(?:and |but |so |then )*you(?:'re|'ve| were| are| have)?(?: just| suddenly)* (?:broke|"
        r"froze|cut|gone|went|breaking|sound|don't sound|dropped|disappeared|sounded|stopped|"
        r"interrupted|asked|said|mentioned|heard|misheard|misunderstood)(?: \S+){0,8}",
    )
)
"""Excuses in words of their own."""

_SET = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:that's|that is|this is|that was|it's|what)(?: really| quite| such| actually)? (?:a |"
        r"an )?(?:good|hard|tough|interesting|difficult|great|long|big|tricky|nice|complicated|"
        r"deep|fair)(?: one| question)?",
        r"(?:even )?(?:if|whenever|in case) (?:that's|that is|it's|i|possible|you|it|this|"
        r"that)(?: \S+){0,6}",
        r"(?:is|would|was) (?:that|it|this) (?:be )?(?:okay|ok|all right|alright|possible|fine|"
        r"right|correct|allowed|a problem|too much)(?: with you| for you| if \S+ \S+)?",
        r"(?:do you think|would you say|don't you think|do you know|do you mind|right|okay|ok|"
        r"correct|yes|no|hello|anybody|anyone|hm|may i|can i|can you|(?:are|is|do|does|did|have|"
        r"was|were|isn't|aren't|don't|didn't|haven't) (?:you|it|i|there|we|this)|this (?:might|"
        r"may) (?:be|sound|seem) (?:a )?(?:weird|strange|silly|stupid|odd|dumb)(?: question)?|"
        r"(?:weird|strange|silly|stupid|odd|dumb|random|short|small)(?: question)?|weren't there|"
        r"wasn't there|isn't there|wasn't it|isn't it|aren't you|didn't you|don't you|won't you|"
        r"please|please do|thank you|thanks|thanks a lot|thank you very much|sorry about that|so "
        r"sorry|i apologi[sz]e|my bad|my mistake|no problem|one thing|quick one|quick question|"
        r"one question|just a question|just checking|just to check|just to be sure|just to be "
        r"clear|just so i know|just curious|out of curiosity|one last thing|before anything else|"
        r"for my information|by the way|for the record|to be honest|honestly)",
        r"(?:do you want me to|shall i|should i|can i|or should i|or shall i|or do i need to|do i "
        r"need to|do i have to|would you like me to|or can i) (?:say|repeat|tell|answer|explain|"
        r"start|go|do)(?: (?:it|that|this|you|again|once more|over|from the (?:start|beginning)))*",
        r"(?:before|until|while) (?:i|we)(?: \S+){1,7}",
        r"(?:something|it was|that was) about (?:a |an |the |my )?\w+(?: \w+){0,3}",
        r"(?:i have (?:a|one|another|some) (?:quick |small |short )?questions? (?:about|on|for|"
        r"regarding) .{1,30}|i'd like to know|i wanted to ask|i want to ask|i want to be sure|i'd "
        r"like to ask|i was wondering|i'm wondering|i have (?:a|one|another) (?:quick |small "
        r")?question|can i ask (?:you )?(?:something|a question)|let me ask(?: you)?(?: "
        r"something)?|may i ask something|i'm curious)",
        r"(?:back|i'll be back|i'll be right back|be right back|won't be long|it won't take long|"
        r"i won't be long)(?: in (?:a|one|two|five) \w+)?",
    )
)


"""Set phrases, which excuse or introduce a request."""


def parts_of(text: str) -> list[str]:
    """Return the parts of an utterance that may be a request; none where it is too long."""
    if len(text.split()) > MAX_WORDS:
        return []
    parts = [
        part.strip() for part in _SPLIT.split(text.strip()) if part and part.strip(" .,!?…-–—")
    ]
    return parts if len(parts) <= MAX_PARTS else []


_TAG = re.compile(
    r"(?:right|yes|yeah|no|correct|okay|ok|or|huh|hm|true|(?:is|are|do|does|did|have|has|was|were|"
    r"can|could|will|would|isn't|aren't|don't|doesn't|didn't|haven't|hasn't|wasn't|weren't|can't|"
    r"couldn't|won't|wouldn't) (?:you|it|i|there|this|that|we|not)|or not|or no|or what|is that "
    r"(?:right|correct|true)|am i right)"
)


def is_tag(words: str) -> bool:
    """Return whether plain words make a question of the statement before them."""
    return _TAG.fullmatch(words) is not None


_ALONG = re.compile(
    r"(?:is|would|was) (?:that|it|this) (?:be )?(?:okay|ok|all right|alright|possible|fine|right|"
    r"correct|allowed|a problem)(?: .{0,20})?|do you mind|right|correct|(?:or )?(?:do you want me "
    r"to|shall i|should i|do i need to|would you like me to) (?:say|repeat|tell|answer|explain|"
    r"start|go)(?: (?:it|that|this|you|again|once more|over|from the start))*"
)


def goes_along(words: str) -> bool:
    """Return whether plain words go along with any request, and ask for nothing by themselves."""
    return _ALONG.fullmatch(words) is not None


def is_excuse(words: str) -> bool:
    """Return whether plain words of a part are only said along with a request."""
    if not words:
        return True
    if any(pattern.fullmatch(words) for pattern in _SET):
        return True
    own = _OWN_WORDS.sub("", words)
    return not _TALE.search(own) and any(pattern.fullmatch(words) for pattern in _FREE)
