"""where the frames of a stored object lie in its file"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # what is stored already keeps none: its frames are taken out in the jail, as before
    op.add_column("instance_index", sa.Column("places", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("instance_index", "places")
