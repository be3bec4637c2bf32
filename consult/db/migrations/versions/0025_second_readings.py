"""signed readings of cases that are read more than once, and who has read which case"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

REFUSAL = "a signed reading never changes"
SQLITE = f"""
CREATE TRIGGER held_readings_never_change BEFORE UPDATE ON held_readings
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""
POSTGRES = f"""
CREATE FUNCTION refuse_reading_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER held_readings_never_change BEFORE UPDATE ON held_readings
FOR EACH ROW EXECUTE FUNCTION refuse_reading_change()
"""


def upgrade() -> None:
    op.create_table(
        "held_readings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("service_type", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("signed_at", sa.String(length=32), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("shown_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_readings")),
    )
    op.create_index(op.f("ix_held_readings_case_id"), "held_readings", ["case_id"], unique=False)
    op.create_table(
        "case_readers",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("practitioner_id", sa.String(length=32), nullable=False),
        sa.Column("read_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "practitioner_id", name=op.f("pk_case_readers")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        op.execute(POSTGRES)
        op.execute(POSTGRES_TRIGGER)


def downgrade() -> None:
    op.drop_table("case_readers")
    op.drop_table("held_readings")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_reading_change()")
