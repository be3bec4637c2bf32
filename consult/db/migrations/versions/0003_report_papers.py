"""report papers, and reports that the database itself refuses to change"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSAL = "a signed report never changes"
SQLITE = f"""
CREATE TRIGGER reports_never_change BEFORE UPDATE ON reports
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""
POSTGRES = f"""
CREATE FUNCTION refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER reports_never_change BEFORE UPDATE ON reports
FOR EACH ROW EXECUTE FUNCTION refuse_report_change()
"""


def upgrade() -> None:
    op.create_table(
        "report_papers",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("wanted_at", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=True),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("signed_by", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("report_id", "language", name=op.f("pk_report_papers")),
        sa.UniqueConstraint("key", name=op.f("uq_report_papers_key")),
    )
    op.create_index(op.f("ix_reports_sha256"), "reports", ["sha256"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        op.execute(POSTGRES)
        op.execute(POSTGRES_TRIGGER)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER reports_never_change")
    else:
        op.execute("DROP TRIGGER reports_never_change ON reports")
        op.execute("DROP FUNCTION refuse_report_change()")
    op.drop_index(op.f("ix_reports_sha256"), table_name="reports")
    op.drop_table("report_papers")
