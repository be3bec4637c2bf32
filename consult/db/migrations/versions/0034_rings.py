"""who was rung for a call, in which order, and what came of it"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_rings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rung_at", sa.String(length=32), nullable=True),
        sa.Column("heard_at", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_rings_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_rings")),
        sa.UniqueConstraint(
            "room_id", "round", "number", name=op.f("uq_room_rings_room_id_round_number")
        ),
    )
    op.create_index("ix_room_rings_person", "room_rings", ["person_id", "state"])
    op.create_index("ix_room_rings_due", "room_rings", ["state", "rung_at"])


def downgrade() -> None:
    op.drop_table("room_rings")
