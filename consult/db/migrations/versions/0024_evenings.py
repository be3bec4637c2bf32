"""when the room was last opened on a claimed case, and when a reader checked a display"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("claims") as table:
        table.add_column(sa.Column("opened_at", sa.String(length=32), nullable=True))
    op.create_index("ix_claims_reader", "claims", ["practitioner_id", "ended_at", "id"])
    op.create_table(
        "display_checks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("display", sa.String(length=40), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_display_checks_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_display_checks")),
    )
    op.create_index(
        "ix_display_checks_reader", "display_checks", ["practitioner_id", "display", "checked_at"]
    )


def downgrade() -> None:
    op.drop_table("display_checks")
    op.drop_index("ix_claims_reader", "claims")
    with op.batch_alter_table("claims") as table:
        table.drop_column("opened_at")
