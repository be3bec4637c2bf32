"""urgent alerts, to whom they went on, and the calls about them"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "urgent_alerts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("live_case_id", sa.String(length=32), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("raised_at", sa.String(length=32), nullable=False),
        sa.Column("rules", sa.String(length=80), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("ended_by_id", sa.String(length=32), nullable=True),
        sa.Column("contact", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urgent_alerts")),
        sa.UniqueConstraint("live_case_id", name=op.f("uq_urgent_alerts_live_case_id")),
    )
    op.create_index("ix_urgent_alerts_case", "urgent_alerts", ["case_id", "id"])
    op.create_index(
        "ix_urgent_alerts_institution", "urgent_alerts", ["institution_id", "state", "id"]
    )
    op.create_index("ix_urgent_alerts_due", "urgent_alerts", ["next_at"])
    op.create_table(
        "urgent_alert_steps",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["urgent_alerts.id"], name=op.f("fk_urgent_alert_steps_alert_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urgent_alert_steps")),
        sa.UniqueConstraint("alert_id", "step", name=op.f("uq_urgent_alert_steps_alert_id_step")),
    )
    op.create_index("ix_urgent_alert_steps_person", "urgent_alert_steps", ["person_id", "alert_id"])
    op.create_table(
        "urgent_alert_calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("caller_id", sa.String(length=32), nullable=False),
        sa.Column("called_at", sa.String(length=32), nullable=False),
        sa.Column("whom", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("spoken_to", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["urgent_alerts.id"], name=op.f("fk_urgent_alert_calls_alert_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urgent_alert_calls")),
    )
    op.create_index("ix_urgent_alert_calls_alert", "urgent_alert_calls", ["alert_id", "called_at"])


def downgrade() -> None:
    op.drop_table("urgent_alert_calls")
    op.drop_table("urgent_alert_steps")
    op.drop_table("urgent_alerts")
