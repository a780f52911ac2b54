"""Interviewer: protocol, progress, prompt, memory, reply parsing, language models, fallback."""
