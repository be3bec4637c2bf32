"""what an automatic check said of an image, and why one was kept against its advice"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # an image that came before there was a check has none
    op.add_column("instances", sa.Column("quality", sa.Text(), nullable=True))
    op.add_column("case_images", sa.Column("kept_for", sa.String(length=40), nullable=True))
    op.add_column("case_images", sa.Column("kept_by", sa.String(length=32), nullable=True))
    op.add_column("case_images", sa.Column("kept_at", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("case_images", "kept_at")
    op.drop_column("case_images", "kept_by")
    op.drop_column("case_images", "kept_for")
    op.drop_column("instances", "quality")
