"""Realtime dialect: the OpenAI Realtime protocol for a leg; events, items, input, output. Pure."""
