"""rosters of panels, and who stands in for an expert on leave"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_weeks",
        sa.Column("panel_id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=32), nullable=False),
        sa.Column("turns", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["panel_id"], ["panels.id"], name=op.f("fk_duty_weeks_panel_id")),
        sa.PrimaryKeyConstraint("panel_id", "expert_id", name=op.f("pk_duty_weeks")),
    )
    op.create_table(
        "duty_days",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("panel_id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=40), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("substitute_id", sa.String(length=32), nullable=True),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["panel_id"], ["panels.id"], name=op.f("fk_duty_days_panel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_days")),
    )
    op.create_index("ix_duty_days_panel", "duty_days", ["panel_id", "day"])
    op.add_column("video_leaves", sa.Column("substitute_id", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("video_leaves", "substitute_id")
    op.drop_table("duty_days")
    op.drop_table("duty_weeks")
