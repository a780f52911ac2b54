"""Scripted interviewer: no language model; it follows the plan and answers what it knows."""
