"""second factors, locked sessions, emergencies"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("set_up_at", sa.String(length=32), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("pending", sa.LargeBinary(), nullable=True),
        sa.Column("pending_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_second_factors_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_recovery_codes_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint(
            "practitioner_id", "code_hash", name=op.f("uq_recovery_codes_practitioner_id_code_hash")
        ),
    )
    op.create_table(
        "emergencies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("acting_institution_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sa.Column("reviewed_at", sa.String(length=32), nullable=True),
        sa.Column("reviewed_by_id", sa.String(length=32), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        *[
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_emergencies_{column}"))
            for column, target in (
                ("case_id", "cases.id"),
                ("institution_id", "institutions.id"),
                ("practitioner_id", "practitioners.id"),
                ("acting_institution_id", "institutions.id"),
                ("reviewed_by_id", "practitioners.id"),
            )
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergencies")),
    )
    with op.batch_alter_table("emergencies") as batch:
        batch.create_index("ix_emergencies_institution", ["institution_id", "opened_at"])
        batch.create_index("ix_emergencies_practitioner", ["practitioner_id", "until"])
    with op.batch_alter_table("sessions") as batch:
        batch.add_column(sa.Column("locked_at", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("emergency_until", sa.String(length=32), nullable=True))
        batch.add_column(
            sa.Column(
                "signed_in_by", sa.String(length=20), nullable=False, server_default="password"
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("sessions") as batch:
        batch.drop_column("signed_in_by")
        batch.drop_column("emergency_until")
        batch.drop_column("locked_at")
    op.drop_table("emergencies")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
