"""How an interview ended: what became of its questions, and invitations that expired.

Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

BEFORE = "status in ('invited', 'running', 'completed', 'ended')"
SINCE = "status in ('invited', 'running', 'completed', 'ended', 'expired')"


def upgrade() -> None:
    """Forward."""
    op.add_column(
        "interviews",
        sa.Column("coverage", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    _hold(SINCE)


def downgrade() -> None:
    """Back: what has expired is ended."""
    op.drop_constraint(op.f("ck_interviews_status_known"), "interviews", type_="check")
    op.execute("update interviews set status = 'ended' where status = 'expired'")
    op.create_check_constraint(op.f("ck_interviews_status_known"), "interviews", BEFORE)
    op.drop_column("interviews", "coverage")


def _hold(condition: str) -> None:
    """Let the known statuses be those of `condition`."""
    op.drop_constraint(op.f("ck_interviews_status_known"), "interviews", type_="check")
    op.create_check_constraint(op.f("ck_interviews_status_known"), "interviews", condition)
