"""Who may do what on PostgreSQL: grants for each process, and row security for the public one.

The public process reaches a mailbox, and the report behind it, only by showing the mailbox's lookup tag in the
transaction (``set_config('mingjing.tag', …, true)``, :mod:`portal.kernel.capability`); a draft by its own tag or its
return tag. Without a tag it sees no row; it can never list. SQLite has no roles: nothing happens there.
"""

from __future__ import annotations

from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

READ, ADD = "SELECT", "INSERT, SELECT"
CHANGE, ALL = "INSERT, SELECT, UPDATE", "INSERT, SELECT, UPDATE, DELETE"
EVERYONE_READS = {PUBLIC: READ, STAFF: CHANGE, WORKER: READ}
RECORD = {PUBLIC: "INSERT", STAFF: ADD, WORKER: ADD}

GRANTS: dict[str, dict[str, str]] = {
    "office": EVERYONE_READS,
    "custody_board": EVERYONE_READS,
    "board_seat": EVERYONE_READS,
    "sealing_key": EVERYONE_READS,
    "grid_area": EVERYONE_READS,
    "rule_setting": EVERYONE_READS,
    "rulebook": EVERYONE_READS,
    "institution": {**EVERYONE_READS, STAFF: ALL},
    "workday_override": {**EVERYONE_READS, STAFF: ALL},
    "ledger_entry": {**RECORD, PUBLIC: ADD},
    "ledger_nonce": {PUBLIC: ADD, STAFF: ADD, WORKER: "INSERT, SELECT, DELETE"},
    "ledger_queue": {PUBLIC: "INSERT", STAFF: ADD, WORKER: "INSERT, SELECT, DELETE"},
    "ledger_leaf": {PUBLIC: READ, STAFF: READ, WORKER: ADD},
    "ledger_node": {PUBLIC: READ, STAFF: READ, WORKER: ADD},
    "ledger_checkpoint": {PUBLIC: READ, STAFF: READ, WORKER: ADD},
    "job": {PUBLIC: "INSERT", STAFF: ADD, WORKER: ALL},
    "attachment": {
        PUBLIC: "INSERT, SELECT, DELETE, UPDATE (state, sealed_size)",
        STAFF: ALL,
        WORKER: "SELECT, DELETE",
    },
    "mailbox": {
        PUBLIC: "INSERT, SELECT, UPDATE (tag, pepper_version, public, wrapped_report_key, first_use_only)",
        STAFF: CHANGE,
        WORKER: "SELECT (id, tip_id, destroyed_on)",
    },
    "letter": {PUBLIC: "INSERT, SELECT, UPDATE (removed_by_reporter)", STAFF: CHANGE},
    "tip": {
        PUBLIC: "INSERT, SELECT, UPDATE (state, due_on, provisional, named, sealed_size, pressured, withdrawn_on)",
        STAFF: CHANGE,
        WORKER: "SELECT, UPDATE (due_on, provisional)",
    },
    "tip_key": {PUBLIC: "INSERT", STAFF: ALL},
    "tip_body": {PUBLIC: ADD, STAFF: ADD},
    "identity_record": {PUBLIC: "INSERT, SELECT (id, tip_id, kind, made_on)", STAFF: ADD},
    "identity_share": {PUBLIC: "INSERT", STAFF: ADD},
    "clock": {PUBLIC: CHANGE, STAFF: CHANGE, WORKER: "SELECT, UPDATE"},
    "clock_change": {PUBLIC: CHANGE, STAFF: CHANGE, WORKER: READ},
    "tip_holding": {PUBLIC: ADD, STAFF: CHANGE, WORKER: READ},
    "tip_event": {PUBLIC: ADD, STAFF: ADD, WORKER: READ},
    "tip_record": {STAFF: ADD},
    "proposal": {STAFF: CHANGE, WORKER: READ},
    "draft": {PUBLIC: ALL, WORKER: "SELECT (tag, tip_id, expires_on), DELETE"},
    "staff": {STAFF: CHANGE},
    "staff_role": {STAFF: ALL},
    "key_grant": {STAFF: "INSERT, SELECT, DELETE"},
    "recovery_code": {STAFF: ALL},
    "saved_view": {STAFF: ALL},
    "record_draft": {STAFF: ALL, WORKER: "SELECT (tip_id, shred_id, expires_on), DELETE"},
    "alembic_version": {PUBLIC: READ, STAFF: READ, WORKER: READ},
}

SHOWN_TAG = "tag IN (mingjing_shown('mingjing.tag'), mingjing_shown('mingjing.new_tag'))"
SHOWN_DRAFT = "(tag = mingjing_shown('mingjing.draft') OR return_tag = mingjing_shown('mingjing.draft'))"
OWN_TIP = "= ANY ((SELECT mingjing_own_tips())::uuid[])"
OF_A_KEY = "EXISTS (SELECT FROM sealing_key WHERE sealing_key.entry_id = {})"
KEYS_LIFE = "kind IN ('key-published', 'key-retired')"
"""Public by nature, and what shows that an older key was brought back by deleting the row of a newer one."""
READ_MINE = "(kind = 'tip-read' AND subject IN (SELECT number FROM tip))"
"""A reporter sees who has read the own report: row security of ``tip`` limits the inner query to it."""

READABLE: dict[str, str | None] = {
    "mailbox": SHOWN_TAG,
    "draft": SHOWN_DRAFT,
    "letter": f"tip_id {OWN_TIP}",
    "tip": f"id {OWN_TIP}",
    "tip_body": f"tip_id {OWN_TIP}",
    "clock": f"tip_id {OWN_TIP}",
    "clock_change": "EXISTS (SELECT FROM clock WHERE clock.id = clock_id)",
    "tip_holding": f"tip_id {OWN_TIP}",
    "tip_event": f"tip_id {OWN_TIP}",
    "attachment": f"record_id {OWN_TIP}",
    "ledger_entry": f"{OF_A_KEY.format('ledger_entry.id')} OR {KEYS_LIFE} OR {READ_MINE}",
    "ledger_nonce": OF_A_KEY.format("ledger_nonce.entry_id"),
    "tip_key": None,
    "identity_record": f"tip_id {OWN_TIP}",
    "identity_share": None,
}
"""Table -> which rows the public role may see and change (None: none). It may add to all of them."""

FUNCTIONS = (
    # What the transaction shows, or NULL, which equals nothing.
    """CREATE FUNCTION mingjing_shown(setting text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT pg_catalog.decode(nullif(pg_catalog.current_setting(setting, true), ''), 'hex') $$""",
    # Runs with the caller's rights: row security of the two tables is what limits it. The search path is fixed, so
    # that a temporary table of the same name cannot stand in for them.
    """CREATE FUNCTION mingjing_own_tips() RETURNS uuid[] LANGUAGE sql STABLE SET search_path = public, pg_temp AS
    $$ SELECT coalesce(array_agg(tip_id), '{}')
       FROM (SELECT tip_id FROM mailbox UNION ALL SELECT tip_id FROM draft) shown $$""",
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    prefix = context.config.attributes["role_prefix"]
    roles.make(connection, prefix)
    for function in FUNCTIONS:
        op.execute(function)
    for table, rows in READABLE.items():
        _protect(table, rows, roles.quoted(prefix, PUBLIC))
        for kind in (STAFF, WORKER):
            op.execute(f"CREATE POLICY {kind} ON {table} TO {roles.quoted(prefix, kind)} USING (true)")
    roles.grant(connection, prefix, GRANTS)
    owner = roles.quoted(prefix, OWNER)
    op.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}")
    for table in GRANTS:
        op.execute(f"ALTER TABLE {table} OWNER TO {owner}")


def _protect(table: str, rows: str | None, role: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY public_adds ON {table} FOR INSERT TO {role} WITH CHECK (true)")
    if rows is not None:
        op.execute(f"CREATE POLICY public_reads ON {table} FOR SELECT TO {role} USING ({rows})")
        op.execute(f"CREATE POLICY public_changes ON {table} FOR UPDATE TO {role} USING ({rows})")
        op.execute(f"CREATE POLICY public_removes ON {table} FOR DELETE TO {role} USING ({rows})")


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    prefix = context.config.attributes["role_prefix"]
    for table in GRANTS:
        op.execute(f"ALTER TABLE {table} OWNER TO CURRENT_USER")
    roles.grant(connection, prefix, {table: {} for table in GRANTS})
    for table, rows in READABLE.items():
        reads = () if rows is None else ("public_reads", "public_changes", "public_removes")
        for policy in ("public_adds", *reads, STAFF, WORKER):
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION mingjing_own_tips()")
    op.execute("DROP FUNCTION mingjing_shown(text)")
