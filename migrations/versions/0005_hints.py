"""What a recruiter tells the interviewer is a hint: actions on record and rights of tickets say so.

Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

RENAME_ACTIONS = sa.text("update monitor_actions set action = :new where action = :old")
RENAME_RIGHTS = sa.text(
    "update tickets set rights = array_to_string("
    "array_replace(string_to_array(rights, ' '), :old, :new), ' ') "
    "where :old = any(string_to_array(rights, ' '))"
)


def upgrade() -> None:
    """Forward."""
    _rename("whisper", "hint")


def downgrade() -> None:
    """Back."""
    _rename("hint", "whisper")


def _rename(old: str, new: str) -> None:
    """Entries are only ever added by the application: the trigger that holds that is off here."""
    words = {
        name: sa.bindparam(name, word, sa.Text()) for name, word in {"old": old, "new": new}.items()
    }
    op.execute("alter table monitor_actions disable trigger refuse_update")
    op.execute(RENAME_ACTIONS.bindparams(*words.values()))
    op.execute("alter table monitor_actions enable trigger refuse_update")
    op.execute(RENAME_RIGHTS.bindparams(*words.values()))
