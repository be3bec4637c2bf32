"""what a pasted list says of a patient's diabetes, until her draft is begun"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("screening_list", sa.Column("diabetes_type", sa.String(length=16), nullable=True))
    op.add_column("screening_list", sa.Column("diabetes_since", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("screening_list") as batch:
        batch.drop_column("diabetes_since")
        batch.drop_column("diabetes_type")
