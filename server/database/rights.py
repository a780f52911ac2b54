"""Database rights: whether the role may make the tables, or bring them up to date, and use them.

They are asked for before anything is made, so that what is missing is told in a sentence.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_STANDING = text(
    "select pg_is_in_recovery(), current_user::text, current_schema()::text,"
    " has_schema_privilege(current_schema(), 'create'), current_setting('search_path')"
)

_TABLES = text(
    "select c.relname::text,"
    " pg_has_role(c.relowner, 'usage'),"
    " has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')"
    " and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete')"
    " from pg_class c where c.relkind in ('r', 'p')"
    " and c.relnamespace = (select relnamespace from pg_class where oid ="
    " to_regclass('alembic_version')) order by 1"
)


async def missing_rights(connection: AsyncConnection, *, to_migrate: bool) -> str:
    """Return what the role may not do and what helps, as a sentence; "" where nothing is missing.

    `to_migrate` says whether tables are to be made or changed, too.
    """
    standing = (await connection.execute(_STANDING)).one()
    standby, role, schema, may_create, path = standing
    tables = (await connection.execute(_TABLES)).all()
    closed = [name for name, _, usable in tables if not usable]
    if closed and (not to_migrate or "alembic_version" in closed):
        return (
            f"The role {role} may not read and write {_listed(closed)}: name the role that made"
            " them in DATABASE_URL, or, as their owner, run: grant select, insert, update, delete"
            f' on all tables in schema "{schema}" to "{role}".'
        )
    if to_migrate:
        if standby:
            return (
                "The database is a standby, which takes no writes: name its primary in"
                " DATABASE_URL."
            )
        if schema is None:
            return (
                f"No schema of the search path ({path}) exists, or the role {role} may not use it:"
                f' as its owner, run: create schema viva authorization "{role}", and alter role'
                f' "{role}" set search_path = viva.'
            )
        if not may_create:
            return (
                f"The role {role} may not make tables in the schema {schema}: as its owner, run:"
                f' grant usage, create on schema "{schema}" to "{role}".'
            )
        foreign = [name for name, owned, _ in tables if not owned]
        if foreign:
            return (
                f"The tables must be brought up to date, and the role {role} does not own"
                f" {_listed(foreign)}: name the role that made them in DATABASE_URL."
            )
    return ""


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
