"""what both sides of a case write to each other"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

REFUSAL = "a message that was sent never changes"
SQLITE = f"""
CREATE TRIGGER discussion_messages_never_change BEFORE UPDATE ON discussion_messages
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""
POSTGRES = f"""
CREATE FUNCTION refuse_message_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER discussion_messages_never_change BEFORE UPDATE ON discussion_messages
FOR EACH ROW EXECUTE FUNCTION refuse_message_change()
"""


def upgrade() -> None:
    op.create_table(
        "discussions",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_discussions_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_discussions")),
    )
    op.create_table(
        "discussion_messages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.String(length=32), nullable=False),
        sa.Column("first_id", sa.String(length=32), nullable=False),
        sa.Column("amends_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_discussion_messages_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_messages")),
        sa.UniqueConstraint(
            "case_id", "number", name=op.f("uq_discussion_messages_case_id_number")
        ),
        sa.UniqueConstraint("author_id", "key", name=op.f("uq_discussion_messages_author_id_key")),
        sa.UniqueConstraint("amends_id", name=op.f("uq_discussion_messages_amends_id")),
    )
    op.create_table(
        "discussion_mentions",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "message_id", name=op.f("pk_discussion_mentions")),
    )
    op.create_table(
        "discussion_reads",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("reader_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "reader_id", name=op.f("pk_discussion_reads")),
    )
    op.create_table(
        "discussion_drafts",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "author_id", name=op.f("pk_discussion_drafts")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        op.execute(POSTGRES)
        op.execute(POSTGRES_TRIGGER)


def downgrade() -> None:
    op.drop_table("discussion_drafts")
    op.drop_table("discussion_reads")
    op.drop_table("discussion_mentions")
    op.drop_table("discussion_messages")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_message_change()")
    op.drop_table("discussions")
