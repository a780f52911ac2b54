"""Revision 0002: a revision for candidates' turns, which may be reopened and written again.

The higher one is the later.

Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "turns", sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("turns", "revision")
