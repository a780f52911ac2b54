"""Interview plans: models, parser, vocabulary, and the plans that come with Viva."""
