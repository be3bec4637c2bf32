"""earlier exams that a case rests on, and why one was taken again (IMG-12)"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_images", sa.Column("recognition_id", sa.String(length=32), nullable=True))
    op.create_table(
        "recognitions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source_case_id", sa.String(length=32), nullable=False),
        sa.Column("source_institution_id", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.String(length=32), nullable=False),
        sa.Column("offered_at", sa.String(length=32), nullable=False),
        sa.Column("used_at", sa.String(length=32), nullable=True),
        sa.Column("used_by", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("ended_why", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recognitions_case_id")),
        sa.ForeignKeyConstraint(
            ["source_case_id"], ["cases.id"], name=op.f("fk_recognitions_source_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognitions")),
        sa.UniqueConstraint(
            "case_id",
            "kind",
            "source_case_id",
            name=op.f("uq_recognitions_case_id_kind_source_case_id"),
        ),
    )
    op.create_index("ix_recognitions_source", "recognitions", ["source_case_id", "case_id"])
    op.create_table(
        "repeats",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("said_at", sa.String(length=32), nullable=False),
        sa.Column("counted_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_repeats_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeats")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_repeats_case_id_kind")),
    )


def downgrade() -> None:
    op.drop_table("repeats")
    op.drop_index("ix_recognitions_source", table_name="recognitions")
    op.drop_table("recognitions")
    op.drop_column("case_images", "recognition_id")
