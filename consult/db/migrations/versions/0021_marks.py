"""what readers draw on pictures, and the marks on which a signed report rests"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

REFUSAL = "the marks of a signed report never change"
SQLITE = f"""
CREATE TRIGGER report_marks_never_change BEFORE UPDATE ON report_marks
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""
POSTGRES = f"""
CREATE FUNCTION refuse_marks_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER report_marks_never_change BEFORE UPDATE ON report_marks
FOR EACH ROW EXECUTE FUNCTION refuse_marks_change()
"""


def upgrade() -> None:
    op.create_table(
        "annotation_sheets",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("reader_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_annotation_sheets_case_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "reader_id", name=op.f("pk_annotation_sheets")),
    )
    op.create_table(
        "annotation_revisions",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("reader_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "case_id", "reader_id", "revision", name=op.f("pk_annotation_revisions")
        ),
    )
    op.create_table(
        "report_marks",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_marks")),
    )
    op.create_index(op.f("ix_report_marks_case_id"), "report_marks", ["case_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        op.execute(POSTGRES)
        op.execute(POSTGRES_TRIGGER)


def downgrade() -> None:
    op.drop_table("report_marks")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_marks_change()")
    op.drop_table("annotation_revisions")
    op.drop_table("annotation_sheets")
