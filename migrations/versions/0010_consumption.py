"""What interviews used at their providers; numbers alone for those that are erased.

Revises: 0009
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

QUANTITIES = (
    "audio_ms",
    "characters",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "consumption",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        *_of_a_model(),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cost_usd", sa.Numeric(16, 8), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_consumption_organisation_id_organisations",
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name="fk_consumption_interview_id_interviews"
        ),
        sa.PrimaryKeyConstraint("run_id", "service", "provider", "model", name="pk_consumption"),
    )
    op.create_index("ix_consumption_interview_id", "consumption", ["interview_id"])
    op.create_index(
        "ix_consumption_organisation_id_month", "consumption", ["organisation_id", "month"]
    )
    _create_erased()


def downgrade() -> None:
    """Back."""
    op.drop_table("erased_consumption")
    op.drop_table("consumption")


def _of_a_model() -> list[Any]:
    return [
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("service", "provider", "model")),
        *(
            sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
            for name in QUANTITIES
        ),
    ]


def _create_erased() -> None:
    op.create_table(
        "erased_consumption",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *_of_a_model(),
        sa.Column("priced", sa.Boolean(), nullable=False),
        sa.Column("cost_usd", sa.Numeric(16, 8), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_erased_consumption_organisation_id_organisations",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id",
            "month",
            "service",
            "provider",
            "model",
            "priced",
            name="pk_erased_consumption",
        ),
    )
