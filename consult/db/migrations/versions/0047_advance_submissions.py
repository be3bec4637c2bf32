"""cases that were submitted before every photograph had arrived"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "advance_submissions",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_advance_submissions_case_id")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_advance_submissions")),
    )


def downgrade() -> None:
    op.drop_table("advance_submissions")
