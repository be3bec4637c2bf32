"""which media process carries a video room"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rooms", sa.Column("process", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("rooms", "process")
