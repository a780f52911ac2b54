"""Revision 0003: calls, and the telephone number and PIN by which an invitation is found.

Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the table and add the columns."""
    op.add_column("interviews", sa.Column("candidate_phone", sa.Text(), nullable=True))
    op.add_column("interviews", sa.Column("pin_hash", sa.Text(), nullable=True))
    op.create_index(op.f("ix_interviews_candidate_phone"), "interviews", ["candidate_phone"])
    op.create_unique_constraint(op.f("uq_interviews_pin_hash"), "interviews", ["pin_hash"])
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("interview_id", sa.Uuid(), nullable=True),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="new", nullable=False),
        sa.Column("streams", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ticket_hash", sa.Text(), nullable=True),
        sa.Column("ticket_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "direction in ('inbound', 'outbound')", name=op.f("ck_calls_direction_known")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_calls_interview_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_calls_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("bridge", "ref", name=op.f("uq_calls_bridge_ref")),
    )
    op.create_index(op.f("ix_calls_interview_id"), "calls", ["interview_id"])
    op.create_index(op.f("ix_calls_organisation_id"), "calls", ["organisation_id"])


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_table("calls")
    op.drop_constraint(op.f("uq_interviews_pin_hash"), "interviews", type_="unique")
    op.drop_index(op.f("ix_interviews_candidate_phone"), table_name="interviews")
    op.drop_column("interviews", "pin_hash")
    op.drop_column("interviews", "candidate_phone")
