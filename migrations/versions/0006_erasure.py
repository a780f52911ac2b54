"""What monitors did cannot be deleted, but goes with an interview that is erased.

Revises: 0005
"""

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

REFUSE = """
create function refuse_delete() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if not exists (select from interviews where id = old.interview_id) then
            return old;
        end if;
    end if;
    raise exception '% is only ever added to', tg_table_name;
end $$
"""
FOREIGN_KEY = "fk_monitor_actions_interview_id"


def upgrade() -> None:
    """Forward."""
    _replace_foreign_key("CASCADE")
    op.execute(REFUSE)
    op.execute(
        "create trigger refuse_delete before delete on monitor_actions "
        "for each row execute function refuse_delete()"
    )
    op.execute(
        "create trigger refuse_truncate before truncate on monitor_actions "
        "for each statement execute function refuse_delete()"
    )


def downgrade() -> None:
    """Back."""
    op.execute("drop trigger refuse_truncate on monitor_actions")
    op.execute("drop trigger refuse_delete on monitor_actions")
    op.execute("drop function refuse_delete()")
    _replace_foreign_key(None)


def _replace_foreign_key(ondelete: str | None) -> None:
    op.drop_constraint(op.f(FOREIGN_KEY), "monitor_actions", type_="foreignkey")
    op.create_foreign_key(
        op.f(FOREIGN_KEY),
        "monitor_actions",
        "interviews",
        ["interview_id"],
        ["id"],
        ondelete=ondelete,
    )
