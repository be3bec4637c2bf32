"""signing windows, proofs and sign-outs of an identity provider; a column that nothing used goes"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NEW = (("provider_sub", 255), ("provider_sid", 255), ("proved_at", 32))


def upgrade() -> None:
    op.create_table(
        "signing_windows",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sa.Column("reports_left", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_signing_windows_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_windows")),
    )
    op.create_index("ix_signing_windows_session", "signing_windows", ["session_id", "ended_at"])
    op.create_table(
        "provider_sign_outs",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_provider_sign_outs")),
    )
    # plain columns on both databases: a rebuilt table would lose what points to it
    op.drop_column("sessions", "emergency_until")
    for name, length in _NEW:
        op.add_column("sessions", sa.Column(name, sa.String(length=length), nullable=True))


def downgrade() -> None:
    for name, _length in reversed(_NEW):
        op.drop_column("sessions", name)
    op.add_column("sessions", sa.Column("emergency_until", sa.String(length=32), nullable=True))
    op.drop_table("provider_sign_outs")
    op.drop_index("ix_signing_windows_session", table_name="signing_windows")
    op.drop_table("signing_windows")
