"""who stands on the list of a screening day, and the draft that was begun for each"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screening_list",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("added_by_id", sa.String(length=32), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_screening_list_patient_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_screening_list_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_list")),
        sa.UniqueConstraint(
            "institution_id",
            "listed_on",
            "patient_id",
            name=op.f("uq_screening_list_institution_id"),
        ),
    )
    op.create_index(
        "ix_screening_list_day", "screening_list", ["institution_id", "listed_on", "position", "id"]
    )


def downgrade() -> None:
    op.drop_table("screening_list")
