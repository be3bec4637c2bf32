"""video rooms of cases: knocks, stays, and what was measured of the lines"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("open_case_id", sa.String(length=32), nullable=True),
        sa.Column("host_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("how", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rooms_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("open_case_id", name=op.f("uq_rooms_open_case_id")),
    )
    op.create_index("ix_rooms_case", "rooms", ["case_id"])
    op.create_table(
        "room_knocks",
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("knocked_at", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_knocks_room_id")),
        sa.PrimaryKeyConstraint("room_id", "person_id", name=op.f("pk_room_knocks")),
    )
    op.create_table(
        "room_stays",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("joined_at", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("left_at", sa.String(length=32), nullable=True),
        sa.Column("how", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_stays_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_stays")),
    )
    op.create_index("ix_room_stays_room", "room_stays", ["room_id"])
    op.create_index("ix_room_stays_left", "room_stays", ["left_at", "seen_at"])
    op.create_table(
        "room_samples",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.String(length=32), nullable=False),
        sa.Column("lost_per_mille", sa.Integer(), nullable=False),
        sa.Column("round_trip_ms", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_samples_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_samples")),
    )
    op.create_index("ix_room_samples_room", "room_samples", ["room_id", "person_id", "taken_at"])


def downgrade() -> None:
    op.drop_table("room_samples")
    op.drop_table("room_stays")
    op.drop_table("room_knocks")
    op.drop_table("rooms")
