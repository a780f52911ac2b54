"""Migrations: the history of the tables, a file a step; Alembic runs them.

They run in a checkout or installed. Files in `versions/` are named after their revision, a number
of four digits, and form one line.
"""

from pathlib import Path

from sqlalchemy.engine import Connection

FOLDER = Path(__file__).parent


def revisions() -> list[str]:
    """Return all revisions, oldest first, from the files' names: fast, Alembic is not imported."""
    return sorted(path.name.split("_")[0] for path in FOLDER.glob("versions/[0-9]*_*.py"))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables forward to `revision`, in one transaction that is committed."""
    from alembic import command
    from alembic.config import Config

    # Alembic's Config reads % as the beginning of a variable.
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, revision)
