"""what the referral office said of a request: accepted, redirected, upgraded"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referrals", sa.Column("accepted_at", sa.String(length=32), nullable=True))
    op.add_column("referrals", sa.Column("triage", sa.String(length=40), nullable=True))
    op.add_column(
        "referrals", sa.Column("triage_note", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("referrals", sa.Column("triaged_at", sa.String(length=32), nullable=True))
    with op.batch_alter_table("referrals") as batch:
        batch.alter_column("triage_note", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("referrals") as batch:
        for name in ("triaged_at", "triage_note", "triage", "accepted_at"):
            batch.drop_column(name)
