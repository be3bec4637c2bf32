"""corrections of pictures, and objects that another one has taken the place of"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "image_corrections",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("image_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("new_instance_id", sa.String(length=32), nullable=True),
        *[
            sa.Column(f"{what}_{when}", sa.String(length=40), nullable=True)
            for when in ("before", "after")
            for what in ("eye", "field")
        ],
        sa.Column("to_case_id", sa.String(length=32), nullable=True),
        sa.Column("to_image_id", sa.String(length=32), nullable=True),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_image_corrections_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image_corrections")),
    )
    op.create_index("ix_image_corrections_case", "image_corrections", ["case_id", "id"])
    op.create_index("ix_image_corrections_at", "image_corrections", ["at", "id"])
    # plain ADD COLUMN on both databases: a rebuilt table would lose what points to it
    op.add_column("instances", sa.Column("withdrawn_at", sa.String(length=32), nullable=True))
    op.add_column("instances", sa.Column("successor_id", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("instances", "successor_id")
    op.drop_column("instances", "withdrawn_at")
    op.drop_index("ix_image_corrections_at", table_name="image_corrections")
    op.drop_index("ix_image_corrections_case", table_name="image_corrections")
    op.drop_table("image_corrections")
