"""rosters of panels, who stands in for an expert on leave, and how cases are routed"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
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
    op.create_table(
        "duty_phones",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("span", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_duty_phones_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_phones")),
    )
    op.create_index("ix_duty_phones_institution", "duty_phones", ["institution_id"])
    _create_routing()


def _create_routing() -> None:
    op.create_table(
        "capabilities",
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institutions.id"],
            name=op.f("fk_capabilities_institution_id"),
        ),
        sa.PrimaryKeyConstraint("institution_id", "code", name=op.f("pk_capabilities")),
    )
    op.create_index("ix_capabilities_code", "capabilities", ["code"])
    op.create_table(
        "care_chains",
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("second_id", sa.String(length=32), nullable=True),
        sa.Column("third_id", sa.String(length=32), nullable=True),
        sa.Column("changed_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_care_chains_institution_id")
        ),
        sa.PrimaryKeyConstraint("institution_id", name=op.f("pk_care_chains")),
    )
    op.create_table(
        "case_routings",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("panel_id", sa.String(length=32), nullable=False),
        sa.Column("proposed_id", sa.String(length=32), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("lacks", sa.String(length=400), nullable=False),
        sa.Column("rules", sa.String(length=40), nullable=False),
        sa.Column("hub_reason", sa.Text(), nullable=False),
        sa.Column("reason_by_id", sa.String(length=32), nullable=True),
        sa.Column("recorded_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_routings_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_routings")),
    )


def downgrade() -> None:
    op.drop_table("duty_phones")
    op.drop_table("case_routings")
    op.drop_table("care_chains")
    op.drop_table("capabilities")
    op.drop_column("video_leaves", "substitute_id")
    op.drop_table("duty_days")
    op.drop_table("duty_weeks")
