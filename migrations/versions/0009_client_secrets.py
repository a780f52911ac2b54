"""A Realtime key may hold the settings with which its connections begin.

Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Forward."""
    op.add_column("tickets", sa.Column("session", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("tickets", "session")
