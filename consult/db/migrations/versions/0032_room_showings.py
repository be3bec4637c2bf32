"""pictures that rooms looked at together"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_showings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("image_id", sa.String(length=32), nullable=False),
        sa.Column("presenter_id", sa.String(length=32), nullable=False),
        sa.Column("begun_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_showings_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_showings")),
    )
    op.create_index("ix_room_showings_room", "room_showings", ["room_id", "ended_at"])


def downgrade() -> None:
    op.drop_table("room_showings")
