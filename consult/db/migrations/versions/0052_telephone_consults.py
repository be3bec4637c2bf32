"""consultations by telephone, and who sits beside the people of a call"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telephone_consults",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("with_id", sa.String(length=32), nullable=True),
        sa.Column("with_name", sa.String(length=200), nullable=False),
        sa.Column("spoken_at", sa.String(length=32), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("written_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_telephone_consults_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephone_consults")),
    )
    op.create_index("ix_telephone_consults_case", "telephone_consults", ["case_id"])
    op.create_table(
        "room_present",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("said_by", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("identity", sa.String(length=40), nullable=True),
        sa.Column("said_at", sa.String(length=32), nullable=False),
        sa.Column("gone_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_present_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_present")),
    )
    op.create_index("ix_room_present_room", "room_present", ["room_id"])


def downgrade() -> None:
    op.drop_table("room_present")
    op.drop_table("telephone_consults")
