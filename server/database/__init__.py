"""Database: the engine and its migrations, and the embedded PostgreSQL that comes with Viva."""
