"""cases sent back with a list by eye and field; images whose place a retake has taken"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_images", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaced_at", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("replaced_by", sa.String(length=32), nullable=True))
    op.create_table(
        "case_returns",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("live_case_id", sa.String(length=32), nullable=True),
        sa.Column("panel_id", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("returned_by", sa.String(length=32), nullable=False),
        sa.Column("returned_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("ended_how", sa.String(length=40), nullable=True),
        sa.Column("kept_until", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_returns_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_returns")),
        sa.UniqueConstraint("live_case_id", name=op.f("uq_case_returns_live_case_id")),
    )
    op.create_index("ix_case_returns_case", "case_returns", ["case_id", "id"], unique=False)
    op.create_index(
        "ix_case_returns_expiry", "case_returns", ["ended_at", "expires_at"], unique=False
    )
    op.create_table(
        "case_return_items",
        sa.Column("return_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("eye", sa.String(length=40), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["return_id"], ["case_returns.id"], name=op.f("fk_case_return_items_return_id")
        ),
        sa.PrimaryKeyConstraint("return_id", "position", name=op.f("pk_case_return_items")),
    )


def downgrade() -> None:
    op.drop_table("case_return_items")
    op.drop_table("case_returns")
    with op.batch_alter_table("case_images", schema=None) as batch_op:
        batch_op.drop_column("replaced_by")
        batch_op.drop_column("replaced_at")
