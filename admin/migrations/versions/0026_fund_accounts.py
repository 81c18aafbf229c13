"""Fund accounts: what is on its way inside, and what was published, which nobody changes and nobody deletes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from admin.migrations.guards import keep_rows
from admin.migrations.roles import PUBLIC, STAFF

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {
    "disclosure": {STAFF: "INSERT, SELECT, UPDATE"},
    "disclosure_step": {STAFF: "INSERT, SELECT"},
    "disclosure_row": {STAFF: "INSERT, SELECT, DELETE"},
    "published_disclosure": {PUBLIC: "SELECT", STAFF: "INSERT, SELECT"},
    "published_figure": {PUBLIC: "SELECT", STAFF: "INSERT, SELECT"},
    "published_place": {PUBLIC: "SELECT", STAFF: "INSERT, SELECT, UPDATE"},
    "published_promise": {PUBLIC: "SELECT", STAFF: "INSERT, SELECT"},
}
PROMISED = " AND ".join(f"{name} = NEW.{name}" for name in ("office_id", "region", "edition", "every", "in_force_from"))
KEPT = {
    "disclosure_step": ("id = NEW.id", "disclosure_id = NEW.disclosure_id AND position = NEW.position"),
    "published_disclosure": ("id = NEW.id", "code = NEW.code"),
    "published_figure": ("id = NEW.id", "code = NEW.code AND version = NEW.version"),
    "published_promise": ("id = NEW.id", PROMISED),
}
"""Tables whose rows stay as they are → what an INSERT OR REPLACE could clash with (SQLite)."""


def upgrade() -> None:
    _inside()
    _shown()
    _figures()
    keep_rows(KEPT, GRANTS)


def downgrade() -> None:
    for table in (
        "disclosure_row",
        "disclosure_step",
        "disclosure",
        "published_figure",
        "published_disclosure",
        "published_place",
        "published_promise",
    ):
        op.drop_table(table)


def _figure_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("pooling", sa.String(length=12), nullable=False),
        sa.Column("fund", sa.String(length=30), nullable=False),
        sa.Column("measure", sa.String(length=30), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("cumulative", sa.Boolean(), nullable=False),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("restated", sa.Integer(), nullable=False),
        sa.Column("amount", sa.String(length=28), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.Column("source_day", sa.Date(), nullable=True),
        sa.Column("confidence", sa.String(length=6), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
    ]


def _inside() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("explanations", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind in ('publication','correction')", name=op.f("ck_disclosure_kind")),
        sa.CheckConstraint(
            "state in ('draft','checked','approved','published','dropped')", name=op.f("ck_disclosure_state")
        ),
        sa.CheckConstraint("approved_by is null or approved_by <> made_by", name=op.f("ck_disclosure_two_people")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_disclosure_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint("code", name=op.f("uq_disclosure_code")),
    )
    op.create_index("ix_disclosure_office_id_state", "disclosure", ["office_id", "state"], unique=False)
    op.create_table(
        "disclosure_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disclosure_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        *_figure_columns(),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_disclosure_row_disclosure_id_disclosure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_row")),
        sa.UniqueConstraint("disclosure_id", "position", name=op.f("uq_disclosure_row_disclosure_id_position")),
    )
    op.create_table(
        "disclosure_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disclosure_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_disclosure_step_disclosure_id_disclosure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_step")),
        sa.UniqueConstraint("disclosure_id", "position", name=op.f("uq_disclosure_step_disclosure_id_position")),
    )


def _shown() -> None:
    op.create_table(
        "published_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Integer(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_place")),
        sa.UniqueConstraint("region", "place", name=op.f("uq_published_place_region_place")),
    )
    op.create_table(
        "published_disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("explanations", sa.Text(), nullable=False),
        sa.Column("figures", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind in ('publication','correction')", name=op.f("ck_published_disclosure_kind")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_published_disclosure_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_disclosure")),
        sa.UniqueConstraint("code", name=op.f("uq_published_disclosure_code")),
    )
    op.create_index(
        op.f("ix_published_disclosure_published_on"), "published_disclosure", ["published_on"], unique=False
    )
    op.create_table(
        "published_promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("every", sa.String(length=8), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.CheckConstraint("every in ('month','quarter','year')", name=op.f("ck_published_promise_every")),
        sa.CheckConstraint("days > 0 and days < 1000", name=op.f("ck_published_promise_days")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_published_promise_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_promise")),
        sa.UniqueConstraint(
            "office_id",
            "region",
            "edition",
            "every",
            "in_force_from",
            name=op.f("uq_published_promise_office_id_region_edition_every_in_force_from"),
        ),
    )


def _figures() -> None:
    op.create_table(
        "published_figure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("disclosure_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        *_figure_columns(),
        sa.ForeignKeyConstraint(
            ["disclosure_id"],
            ["published_disclosure.id"],
            name=op.f("fk_published_figure_disclosure_id_published_disclosure"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_figure")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_published_figure_code_version")),
    )
    op.create_index(
        "ix_published_figure_corrected",
        "published_figure",
        ["published_on", "code"],
        unique=False,
        sqlite_where=sa.text("version > 1"),
        postgresql_where=sa.text("version > 1"),
    )
    op.create_index("ix_published_figure_disclosure_id", "published_figure", ["disclosure_id"], unique=False)
    op.create_index(
        "ix_published_figure_fund_measure", "published_figure", ["fund", "measure", "end_on", "region"], unique=False
    )
    op.create_index(
        "ix_published_figure_region_fund", "published_figure", ["region", "fund", "measure", "end_on"], unique=False
    )
    op.create_index(
        "ix_published_figure_region_year", "published_figure", ["region", "year", "fund", "measure"], unique=False
    )
