"""clinics that are asked, lost appointments that wait anew, calls, follow-ups of missed visits"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ON_REFERRALS = (
    *("requeued_at", "was_booked_at", "answer_by", "escalated_at"),
    "requeued_because",
)


def upgrade() -> None:
    with op.batch_alter_table("clinics", schema=None) as batch_op:
        mode = sa.Column("mode", sa.String(length=40), nullable=False, server_default="direct")
        batch_op.add_column(mode)
    with op.batch_alter_table("clinics", schema=None) as batch_op:
        batch_op.alter_column("mode", existing_type=sa.String(40), server_default=None)
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        for name in _ON_REFERRALS:
            length = 40 if name == "requeued_because" else 32
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=True))
        batch_op.create_index("ix_referrals_answer", ["status", "answer_by"], unique=False)
    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.alter_column("slot_id", existing_type=sa.String(32), nullable=True)
        for name, length in (("place", 200), ("ticket", 40)):
            batch_op.add_column(
                sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            )
    with op.batch_alter_table("appointments", schema=None) as batch_op:
        for name, length in (("place", 200), ("ticket", 40)):
            batch_op.alter_column(name, existing_type=sa.String(length), server_default=None)
    _requeue()
    _add_calls()
    _add_salvages()


def downgrade() -> None:
    op.drop_table("salvages")
    op.drop_table("referral_calls")
    op.execute("UPDATE appointments SET slot_id = id WHERE slot_id IS NULL")
    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.drop_column("ticket")
        batch_op.drop_column("place")
        batch_op.alter_column("slot_id", existing_type=sa.String(32), nullable=False)
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_answer")
        for name in reversed(_ON_REFERRALS):
            batch_op.drop_column(name)
    with op.batch_alter_table("clinics", schema=None) as batch_op:
        batch_op.drop_column("mode")


def _requeue() -> None:
    """Whoever lost an appointment before this release is on the list of those to be booked anew."""
    op.execute(
        sa.text(
            "UPDATE referrals SET requeued_at = requested_at, "
            "was_booked_at = (SELECT max(a.booked_at) FROM appointments a "
            "WHERE a.referral_id = referrals.id), "
            "requeued_because = (SELECT a.status FROM appointments a "
            "WHERE a.referral_id = referrals.id ORDER BY a.id DESC LIMIT 1) "
            "WHERE status = 'requested' AND EXISTS (SELECT 1 FROM appointments a "
            "WHERE a.referral_id = referrals.id AND a.status IN ('cancelled', 'noshow'))"
        )
    )


def _add_calls() -> None:
    op.create_table(
        "referral_calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("referral_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("caller_id", sa.String(length=32), nullable=False),
        sa.Column("called_at", sa.String(length=32), nullable=False),
        sa.Column("whom", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_calls")),
    )
    op.create_index(
        "ix_referral_calls_referral", "referral_calls", ["referral_id", "called_at"], unique=False
    )


def _add_salvages() -> None:
    op.create_table(
        "salvages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("referral_id", sa.String(length=32), nullable=False),
        sa.Column("live_referral_id", sa.String(length=32), nullable=True),
        sa.Column("appointment_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.Column("closed_by_id", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salvages")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_salvages_appointment_id")),
        sa.UniqueConstraint("live_referral_id", name=op.f("uq_salvages_live_referral_id")),
    )
    op.create_index(
        "ix_salvages_list", "salvages", ["institution_id", "outcome", "due_on"], unique=False
    )
    op.create_index("ix_salvages_owner", "salvages", ["owner_id", "outcome"], unique=False)
    op.create_index("ix_salvages_referral", "salvages", ["referral_id", "id"], unique=False)
