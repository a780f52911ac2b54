"""Words that give the topic of a question away, whatever its wording. The patterns are English."""

from sessions.interviewer.enquiries.wordings import Topic

QUESTIONS: tuple[tuple[Topic, str], ...] = (
    (
        Topic.HUMAN,
        r"\b(?:talk|speak|transfer|connect|put)\b.*\b(?:to|with|through)\b.*\b(?:human|"
        r"person|recruiter|manager|somebody|someone)\b",
    ),
    (
        Topic.REAL_PERSON,
        r"\b(?:robot|bot|machine|human|human being|ai|artificial|computer|chatgpt|"
        r"chatbot|automated|real person|real voice)\b",
    ),
    (
        Topic.RECORDED,
        r"\b(?:record|recorded|recording|recordings|taped|transcript|transcribed|"
        r"saved|stored|taking notes)\b",
    ),
    (
        Topic.READERS,
        r"\bwho(?:ever)?\b.*\b(?:read|reads|reading|see|sees|hear|hears|listen|"
        r"listening|evaluates?|judges?|reviews?|gets|watching)\b|"
        r"\b(?:anyone|anybody|someone|somebody|recruiter|team|company|manager|people)\b.*\b(?:read|"
        r"hear|see|listen|listening|reading|watching|review)\b",
    ),
    (Topic.SEES, r"\b(?:camera|webcam|video)\b"),
    (
        Topic.DATA,
        r"\b(?:my|the|this|personal) (?:data|privacy)\b|\b(?:delete|deleted|gdpr|"
        r"confidential|anonymous)\b",
    ),
    (
        Topic.PAY,
        r"\b(?:salary|wage|wages|bonus|benefits|vacation|holidays|home office|overtime|"
        r"remote)\b",
    ),
    (
        Topic.LEFT,
        r"\b(?:questions?|much|longer|many)\b.*\b(?:left|more|longer|remaining|to go|"
        r"still)\b|\b(?:last|final) question\b|\ba lot more\b",
    ),
    (
        Topic.LENGTH,
        r"\bhow (?:long|many minutes|much time)\b(?=.*\b(?:this|it|interview|we|last|"
        r"take|call|talk)\b)(?!.*\banswer)",
    ),
    (
        Topic.RESULT,
        r"\b(?:feedback|next step|next steps|hear back|second round|next round|"
        r"result|results|decision|after this)\b",
    ),
    (Topic.ADD, r"\b(?:may|can|could|okay if|ok if|all right if)\b.*\bi\b.*\b(?:add|mention)\b"),
    (
        Topic.CORRECT,
        r"\b(?:may|can|could|okay if|ok if)\b.*\bi\b.*\b(?:correct|change|fix)\b.*\b("
        r"?:answer|said|something|that|it)\b",
    ),
    (
        Topic.JUDGED,
        r"^(?:am i|was i|was (?:that|this|it|my answer)|is (?:that|this|it)) "
        r".*\b(?:good|"
        r"okay|ok|right|correct|wrong|enough|fine|well|long|short|wanted|looking for|meant)\b",
    ),
    (
        Topic.GOT_IT,
        r"^(?:did|do|have|are|could|can) you .*\b(?:get|got|hear|heard|understand|"
        r"understood|catch|caught|write|note|noted|follow|following|receive)\b.*\b(?:that|me|it|"
        r"this|"
        r"down|answer|i said)\b",
    ),
    (
        Topic.WHO,
        r"^who (?:am i|are you|is this|is that|is there)\b|^(?:what|which) company\b|"
        r"\bwho i(?:'m| am) (?:talking|speaking)\b",
    ),
    (Topic.TROUBLE, r"\b(?:echo|noise|connection|microphone|headset)\b"),
)
"""For what is certainly a question: words that give its topic away, in the order of their "
"weight."""
