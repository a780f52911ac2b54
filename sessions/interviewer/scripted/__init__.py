"""The interviewer without a language model: it follows the plan and answers what it knows."""
