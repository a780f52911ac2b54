"""An invitation may say how long this candidate is waited for.

Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Forward."""
    op.add_column("interviews", sa.Column("accommodation", sa.Float(), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("interviews", "accommodation")
