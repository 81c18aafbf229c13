"""By which disclosure a place of fund accounts was changed last: so a page knows whether a reader has it already.

And an index of the figures of places that are not sure, by which their page finds those of a few places.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0028"
branch_labels = None
depends_on = None

NEWEST = """
UPDATE published_place SET changed_by = COALESCE(
  (SELECT f.disclosure_id FROM published_figure f
   WHERE f.region = published_place.region AND (f.region <> '' OR f.place = published_place.place)
   ORDER BY f.published_on DESC, f.disclosure_id LIMIT 1),
  (SELECT d.id FROM published_disclosure d ORDER BY d.code DESC LIMIT 1))
"""
UNSURE = "ix_published_figure_unsure"
NAME = "fk_published_place_changed_by_published_disclosure"


def upgrade() -> None:
    op.add_column("published_place", sa.Column("changed_by", sa.Uuid(), nullable=True))
    op.execute(NEWEST)
    with op.batch_alter_table("published_place") as table:
        table.alter_column("changed_by", existing_type=sa.Uuid(), nullable=False)
        table.create_foreign_key(op.f(NAME), "published_disclosure", ["changed_by"], ["id"])
    only = sa.text("region = ''")
    op.create_index(UNSURE, "published_figure", ["place", "year"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    op.drop_index(UNSURE, "published_figure")
    with op.batch_alter_table("published_place") as table:
        table.drop_constraint(op.f(NAME), type_="foreignkey")
        table.drop_column("changed_by")
