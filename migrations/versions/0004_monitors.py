"""Revision 0004: monitors; what they did, who is live, what their tickets grant.

Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

REFUSE = """
create function refuse_update() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_name;
end $$
"""


def upgrade() -> None:
    """Create the tables and add the columns."""
    op.add_column(
        "organisations",
        sa.Column("tell_listening", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column(
        "users", sa.Column("sign_outs", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("tickets", sa.Column("user_id", sa.Uuid(), nullable=True))
    op.add_column("tickets", sa.Column("rights", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("sign_outs", sa.Integer(), nullable=True))
    _create_actions()
    _create_live()


def downgrade() -> None:
    """Drop the tables and the columns."""
    op.drop_table("live_interviews")
    op.drop_table("monitor_actions")
    op.execute("drop function refuse_update()")
    for column in ("sign_outs", "rights", "user_id"):
        op.drop_column("tickets", column)
    op.drop_column("users", "sign_outs")
    op.drop_column("organisations", "tell_listening")


def _create_actions() -> None:
    op.create_table(
        "monitor_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "step in ('asked', 'done', 'dropped')", name=op.f("ck_monitor_actions_step_known")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_monitor_actions_interview_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_monitor_actions_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitor_actions")),
    )
    op.create_index(op.f("ix_monitor_actions_action_id"), "monitor_actions", ["action_id"])
    op.create_index(op.f("ix_monitor_actions_interview_id"), "monitor_actions", ["interview_id"])
    op.execute(REFUSE)
    op.execute(
        "create trigger refuse_update before update on monitor_actions "
        "for each row execute function refuse_update()"
    )


def _create_live() -> None:
    op.create_table(
        "live_interviews",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("replica", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_live_interviews_interview_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_live_interviews_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("interview_id", name=op.f("pk_live_interviews")),
    )
    op.create_index(
        op.f("ix_live_interviews_organisation_id"), "live_interviews", ["organisation_id"]
    )
    op.create_index(op.f("ix_live_interviews_seen_at"), "live_interviews", ["seen_at"])
