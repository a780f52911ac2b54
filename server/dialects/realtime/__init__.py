"""The OpenAI Realtime protocol as a leg's dialect: events, items, input, output. Pure."""
