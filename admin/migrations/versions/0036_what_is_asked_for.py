"""Indexes for what is asked of many figures: those of one disclosure, and any that a program may ask for, in the order
of their codes.

Of 384,000 figures on SQLite a page of the figures of one disclosure took 110 to 690 ms, since all of them were sorted,
and a page of data to which there is little up to 1.3 s, since each row was looked at.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BROUGHT, BEFORE = "ix_published_figure_disclosure_id_code", "ix_published_figure_disclosure_id"
ASKED, CORRECTED = "ix_published_figure_asked", "ix_published_figure_corrected_version"
COLUMNS = ["code", "version", "region", "fund", "measure", "edition", "year", "inferred", "amount"]


def upgrade() -> None:
    op.create_index(BROUGHT, "published_figure", ["disclosure_id", "code"])
    op.drop_index(BEFORE, "published_figure")
    op.create_index(ASKED, "published_figure", COLUMNS)
    later = sa.text("version > 1")
    op.create_index(CORRECTED, "published_figure", ["version", "code"], sqlite_where=later, postgresql_where=later)


def downgrade() -> None:
    op.drop_index(CORRECTED, "published_figure")
    op.drop_index(ASKED, "published_figure")
    op.create_index(BEFORE, "published_figure", ["disclosure_id"])
    op.drop_index(BROUGHT, "published_figure")
