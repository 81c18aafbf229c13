"""A board may be asked whether a draft says who reported."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BEFORE, AFTER = ("identity", "contact"), ("identity", "contact", "check")


def upgrade() -> None:
    _uses(AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM identity_answer WHERE request_id IN (SELECT id FROM identity_request WHERE use = 'check')")
    op.execute("DELETE FROM identity_request WHERE use = 'check'")
    _uses(BEFORE)


def _uses(uses: tuple[str, ...]) -> None:
    """What a request may be for. SQLite makes the table anew for it, and the answers that point at it stand aside."""
    name, allowed = op.f("ck_identity_request_use"), "use in ({})".format(",".join(f"'{one}'" for one in uses))
    aside = op.get_bind().dialect.name == "sqlite"
    if aside:
        op.execute("CREATE TEMPORARY TABLE answers_aside AS SELECT * FROM identity_answer")
        op.execute("DELETE FROM identity_answer")
    with op.batch_alter_table("identity_request") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, allowed)
    if aside:
        op.execute("INSERT INTO identity_answer SELECT * FROM answers_aside")
        op.execute("DROP TABLE answers_aside")
