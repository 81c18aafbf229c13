"""Monthly bulletins of figures on handling: what is on its way inside, and what was published, which stays as it is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from admin.migrations.guards import keep_rows
from admin.migrations.roles import PUBLIC, STAFF

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {
    "bulletin": {STAFF: "INSERT, SELECT, UPDATE"},
    "bulletin_step": {STAFF: "INSERT, SELECT"},
    "published_bulletin": {PUBLIC: "SELECT", STAFF: "INSERT, SELECT"},
}
KEPT = {
    "bulletin_step": ("id = NEW.id", "bulletin_id = NEW.bulletin_id AND position = NEW.position"),
    "published_bulletin": ("id = NEW.id", "month = NEW.month AND version = NEW.version"),
}
"""Tables whose rows stay as they are → what an INSERT OR REPLACE could clash with (SQLite)."""


def upgrade() -> None:
    _bulletin()
    _step()
    _published()
    keep_rows(KEPT, GRANTS)


def downgrade() -> None:
    for table in ("bulletin_step", "bulletin", "published_bulletin"):
        op.drop_table(table)


def _content() -> tuple[sa.Column[Any], ...]:
    """What both the bulletin inside and the published one say."""
    return (
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("ledger_size", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )


def _bulletin() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        *_content(),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state in ('draft','approved','published','dropped')", name=op.f("ck_bulletin_state")),
        sa.CheckConstraint("approved_by is null or approved_by <> made_by", name=op.f("ck_bulletin_two_people")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_bulletin_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
    )
    op.create_index(op.f("ix_bulletin_month"), "bulletin", ["month"], unique=False)
    under_way = sa.text("state in ('draft','approved')")
    op.create_index(
        "ix_bulletin_open", "bulletin", ["month"], unique=True, sqlite_where=under_way, postgresql_where=under_way
    )


def _step() -> None:
    op.create_table(
        "bulletin_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_step_bulletin_id_bulletin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_step")),
        sa.UniqueConstraint("bulletin_id", "position", name=op.f("uq_bulletin_step_bulletin_id_position")),
    )


def _published() -> None:
    op.create_table(
        "published_bulletin",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_content(),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_bulletin")),
        sa.UniqueConstraint("month", "version", name=op.f("uq_published_bulletin_month_version")),
    )
    op.create_index(op.f("ix_published_bulletin_published_on"), "published_bulletin", ["published_on"], unique=False)
