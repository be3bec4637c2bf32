"""objects whose picture is still to be looked at are found without reading all others"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FEW = sa.text("picture_reason = 'not-looked-at'")


def upgrade() -> None:
    op.create_index(
        "ix_instances_not_looked_at",
        "instances",
        ["picture_reason"],
        sqlite_where=_FEW,
        postgresql_where=_FEW,
    )


def downgrade() -> None:
    op.drop_index("ix_instances_not_looked_at", table_name="instances")
