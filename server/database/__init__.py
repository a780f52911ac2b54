"""PostgreSQL: the engine and its migrations, and the embedded server that comes with Viva."""
