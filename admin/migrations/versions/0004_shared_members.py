"""Which people of an office see no report about another one: routing passes an office over that nobody could read in.

Old rows say nothing (NULL) until a role or a grant changes there; they count like an office whose people serve nobody
else.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("office", sa.Column("shared", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("office", "shared")
