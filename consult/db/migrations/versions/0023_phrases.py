"""the phrases that an expert keeps for herself"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_phrases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["practitioners.id"], name=op.f("fk_report_phrases_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_phrases")),
    )
    op.create_index("ix_report_phrases_owner", "report_phrases", ["owner_id", "part", "changed_at"])


def downgrade() -> None:
    op.drop_table("report_phrases")
