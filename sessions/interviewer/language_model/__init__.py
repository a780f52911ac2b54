"""The interviewer with a language model: prompt, memory, LangChain adapter, models, fallback."""
