"""patients to be told, patients who are waited for, and the calls to them"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tellings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("live_case_id", sa.String(length=32), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rules", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("risk", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("ended_by_id", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tellings")),
        sa.UniqueConstraint("live_case_id", name=op.f("uq_tellings_live_case_id")),
    )
    op.create_index("ix_tellings_case", "tellings", ["case_id", "id"])
    op.create_index(
        "ix_tellings_institution", "tellings", ["institution_id", "state", "due_on", "id"]
    )
    op.create_index("ix_tellings_owner", "tellings", ["owner_id", "state"])
    op.create_table(
        "patient_calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("caller_id", sa.String(length=32), nullable=False),
        sa.Column("called_at", sa.String(length=32), nullable=False),
        sa.Column("whom", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_calls")),
    )
    op.create_index("ix_patient_calls_task", "patient_calls", ["task_id", "called_at"])
    op.create_table(
        "recalls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("live_key", sa.String(length=120), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("service_type", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=80), nullable=False),
        sa.Column("rules", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("ended_by_id", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
        sa.UniqueConstraint("live_key", name=op.f("uq_recalls_live_key")),
    )
    op.create_index("ix_recalls_case", "recalls", ["case_id", "id"])
    op.create_index(
        "ix_recalls_institution", "recalls", ["institution_id", "state", "due_on", "id"]
    )


def downgrade() -> None:
    op.drop_table("recalls")
    op.drop_table("patient_calls")
    op.drop_table("tellings")
