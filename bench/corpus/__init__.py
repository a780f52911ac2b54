"""The public corpus of the benches: interview answers with pauses, spoken by the local voice."""
