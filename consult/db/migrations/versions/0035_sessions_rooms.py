"""in the time of which booked session a room was opened, and the minutes of its call"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rooms", sa.Column("session_id", sa.String(length=32), nullable=True))
    op.create_index("ix_rooms_session", "rooms", ["session_id"])
    op.create_table(
        "room_minutes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("written_at", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_minutes_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_minutes")),
        sa.UniqueConstraint("room_id", "number", name=op.f("uq_room_minutes_room_id_number")),
    )


def downgrade() -> None:
    op.drop_table("room_minutes")
    op.drop_index("ix_rooms_session", "rooms")
    op.drop_column("rooms", "session_id")
