"""What the candidate is told when an interview has ended: one sentence a reason."""

FAREWELLS = {
    "completed": "That was the whole interview. Thank you for your time.",
    "time_limit": "The time for this interview is up. Thank you, your answers are saved.",
    "ended_by_candidate": "You have ended the interview. Your answers are saved.",
    "recruiter": "The recruiter has ended the interview. Your answers are saved.",
    "candidate_silent": "We have not heard you for a while, so the interview was ended. "
    "Your answers are saved.",
    "candidate_unheard": "There was too much noise for us to understand you, so the interview was "
    "ended. Your answers are saved.",
    "interviewer_unavailable": "The interviewer has a technical problem. "
    "Your answers are saved; the recruiter will get in touch.",
}


def farewell(reason: str) -> str:
    """A sentence for people; an unknown reason gets a general one."""
    return FAREWELLS.get(reason, "The interview has ended. Your answers are saved.")
