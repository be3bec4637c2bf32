"""what requesting physicians read for themselves, and opinions that waited for it"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

REFUSAL = "an own reading that was locked never changes"
SQLITE = f"""
CREATE TRIGGER own_readings_never_change BEFORE UPDATE ON own_readings
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""
POSTGRES = f"""
CREATE FUNCTION refuse_own_reading_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER own_readings_never_change BEFORE UPDATE ON own_readings
FOR EACH ROW EXECUTE FUNCTION refuse_own_reading_change()
"""


def upgrade() -> None:
    op.create_table(
        "own_readings",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("eyes", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("was_blind", sa.Boolean(), nullable=False),
        sa.Column("locked_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_own_readings_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_own_readings")),
    )
    op.create_index(
        "ix_own_readings_institution_id_locked_at", "own_readings", ["institution_id", "locked_at"]
    )
    op.create_table(
        "own_waits",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("how", sa.String(length=40), nullable=True),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_own_waits_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_own_waits")),
    )
    op.create_index(
        "ix_own_waits_institution_id_ended_at", "own_waits", ["institution_id", "ended_at"]
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        op.execute(POSTGRES)
        op.execute(POSTGRES_TRIGGER)


def downgrade() -> None:
    op.drop_table("own_waits")
    op.drop_table("own_readings")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_own_reading_change()")
