"""in the time of which booked session a room was opened, minutes and counters of its call"""

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
    op.create_table(
        "room_counters",
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("packets", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("resent", sa.BigInteger(), nullable=False),
        sa.Column("worst_lost_per_mille", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_counters_room_id")),
        sa.PrimaryKeyConstraint("room_id", "person_id", name=op.f("pk_room_counters")),
    )


def downgrade() -> None:
    op.drop_table("room_counters")
    op.drop_table("room_minutes")
    op.drop_index("ix_rooms_session", "rooms")
    op.drop_column("rooms", "session_id")
