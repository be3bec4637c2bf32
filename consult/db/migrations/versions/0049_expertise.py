"""what single experts read and do"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expertise",
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("facet", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_expertise_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "facet", "code", name=op.f("pk_expertise")),
    )
    op.create_index("ix_expertise_code", "expertise", ["facet", "code"])


def downgrade() -> None:
    op.drop_table("expertise")
