"""a study found by its number"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_studies_uid", "studies", ["institution_id", "study_instance_uid"])


def downgrade() -> None:
    op.drop_index("ix_studies_uid", "studies")
