"""Answer script: the simulated candidate's answers to the demo plan, by question."""

ANSWERS = {
    "background": (
        "I work as a backend engineer in a small team that runs a booking service. I write most "
        "of the code in Python, and what I like best is that I can see how people use it."
    ),
    "on_call": "Yes, I have been on call for about two years.",
    "hard_bug": (
        "Last winter our service lost memory every night. I compared the graphs with the list of "
        "jobs, and I found that one report kept all of its rows in a list. The cause was a cache "
        "without a limit. I gave it a limit and wrote a test, and the problem was gone."
    ),
    "design": (
        "I would measure first. I would look at the slowest requests and find out where they spend "
        "their time. Often it is the database, so I would look at the queries, add an index where "
        "one is missing, and only then think about more machines."
    ),
    "disagreement": (
        "A colleague wanted to rewrite the whole program, and I wanted to change it step by step. "
        "We wrote down what each way would cost, and in the end we agreed to begin with the part "
        "that changed most often. That worked out well for both of us."
    ),
    "notice": "I would need about six weeks.",
    "your_questions": "Yes, I would like to know how large the team is.",
}
