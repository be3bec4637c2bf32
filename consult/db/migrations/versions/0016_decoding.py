"""what two decoders said of a losslessly coded picture"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("instances", sa.Column("decoding", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("instances", "decoding")
