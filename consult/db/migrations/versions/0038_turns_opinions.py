"""turns to speak in video rooms, and the opinions that participants sign"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_turns",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("raised_at", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("how", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_turns_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_turns")),
    )
    op.create_index("ix_room_turns_room", "room_turns", ["room_id", "ended_at"])


def downgrade() -> None:
    op.drop_table("room_turns")
