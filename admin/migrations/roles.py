"""PostgreSQL roles: making them and giving each what it needs, no more (a table without a line gets nothing).

None of the roles may sign in. The operator makes one login for each process and puts it into its role, e.g.
``CREATE ROLE web LOGIN PASSWORD … IN ROLE mingjing_public`` (docs/operations.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

PUBLIC, STAFF, WORKER, OWNER = "public", "staff", "worker", "owner"
KINDS = (PUBLIC, STAFF, WORKER, OWNER)

Grants = Mapping[str, Mapping[str, str]]
"""Table -> kind of role -> privileges as SQL writes them, columns included."""

_OWN_SESSIONS = "INSERT, SELECT, UPDATE, DELETE"
STORES: Grants = {
    "open_session": {PUBLIC: _OWN_SESSIONS, STAFF: _OWN_SESSIONS, WORKER: "SELECT (id, ends_at), DELETE"},
    "attempt": {PUBLIC: _OWN_SESSIONS, STAFF: _OWN_SESSIONS, WORKER: "SELECT (tag, last_at, until), DELETE"},
    "challenge": {STAFF: "INSERT, SELECT, DELETE", WORKER: "SELECT (id, ends_at), DELETE"},
    "shred_key": {PUBLIC: "INSERT, SELECT", STAFF: "INSERT, SELECT", WORKER: "SELECT (id, made_on), DELETE"},
    "shredded": {WORKER: "INSERT, SELECT"},
}
"""The stores that have no history: shred keys, sessions and counted attempts."""

SESSION_ROWS = {PUBLIC: "kind = 'mailbox'", STAFF: "kind = 'staff'", WORKER: "true"}
"""Kind of role -> the rows of ``open_session`` that are its own: neither site sees the other's visitors."""


def quoted(prefix: str, kind: str) -> str:
    """The role's name for SQL. Refuses a prefix that is not a plain word."""
    if not prefix.isidentifier() or not prefix.islower():
        raise ValueError("a role prefix is one lower-case word")
    return f'"{prefix}_{kind}"'


def make(connection: Connection, prefix: str) -> None:
    """Create the four roles that do not exist yet, and make the one who runs this a member of the owner role.

    Roles belong to the whole server, so nothing ever drops them.
    """
    for kind in KINDS:
        name = quoted(prefix, kind)
        connection.execute(
            text(
                f"""DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{name.strip('"')}') THEN
                        CREATE ROLE {name} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
                    END IF;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                END $$"""
            )
        )
    owner = quoted(prefix, OWNER)
    # Only a member may give a table to a role, and making a role makes nobody its member.
    connection.execute(
        text(
            f"""DO $$ BEGIN
                IF NOT pg_catalog.pg_has_role(current_user, '{owner.strip('"')}', 'MEMBER') THEN
                    GRANT {owner} TO CURRENT_USER;
                END IF;
            END $$"""
        )
    )


def grant(connection: Connection, prefix: str, grants: Grants) -> None:
    """Give exactly *grants* on these tables: what was given before and is not in the map is taken back."""
    for table, lines in grants.items():
        for kind in (PUBLIC, STAFF, WORKER):
            role = quoted(prefix, kind)
            connection.execute(text(f'REVOKE ALL ON "{table}" FROM {role}'))
            if kind in lines:
                connection.execute(text(f'GRANT {lines[kind]} ON "{table}" TO {role}'))


def keep_out_of_the_log(connection: Connection, tables: list[str]) -> None:
    """UNLOGGED: no write-ahead log, no replica, and (with ``pg_dump --no-unlogged-table-data``) no dump holds them."""
    logged = text("SELECT relpersistence <> 'u' FROM pg_catalog.pg_class WHERE oid = to_regclass(:name)")
    for table in tables:
        if connection.execute(logged, {"name": f'"{table}"'}).scalar():
            connection.execute(text(f'ALTER TABLE "{table}" SET UNLOGGED'))


def part_sessions(connection: Connection, prefix: str) -> None:
    """Row security on the table of sessions (:data:`SESSION_ROWS`); may be called again."""
    connection.execute(text("ALTER TABLE open_session ENABLE ROW LEVEL SECURITY"))
    for kind, rows in SESSION_ROWS.items():
        connection.execute(text(f"DROP POLICY IF EXISTS {kind} ON open_session"))
        connection.execute(text(f"CREATE POLICY {kind} ON open_session TO {quoted(prefix, kind)} USING ({rows})"))
