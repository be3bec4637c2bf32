"""turns to speak in video rooms, and the opinions that participants sign"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

REFUSAL = "an opinion that was signed never changes"
SQLITE = f"""
CREATE TRIGGER room_opinions_never_change BEFORE UPDATE ON room_opinions
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""
POSTGRES = f"""
CREATE FUNCTION refuse_opinion_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER room_opinions_never_change BEFORE UPDATE ON room_opinions
FOR EACH ROW EXECUTE FUNCTION refuse_opinion_change()
"""


def upgrade() -> None:
    op.create_table(
        "room_turns",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("raised_at", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("how", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_turns_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_turns")),
    )
    op.create_index("ix_room_turns_room", "room_turns", ["room_id"])
    op.create_index("ix_room_turns_ended", "room_turns", ["ended_at", "room_id"])
    _create_opinions()


def _create_opinions() -> None:
    op.create_table(
        "room_opinions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amends_id", sa.String(length=32), nullable=True),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("signed_at", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_room_opinions_case_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_opinions_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_opinions")),
        sa.UniqueConstraint(
            "room_id",
            "author_id",
            "number",
            name=op.f("uq_room_opinions_room_id_author_id_number"),
        ),
    )
    op.create_index("ix_room_opinions_case", "room_opinions", ["case_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        op.execute(POSTGRES)
        op.execute(POSTGRES_TRIGGER)


def downgrade() -> None:
    op.drop_table("room_opinions")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_opinion_change()")
    op.drop_table("room_turns")
