"""what searches of images match, and the tokens by which machines come in"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_index()
    op.create_table(
        "machines",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=True),
        sa.Column("seen_at", sa.String(length=32), nullable=True),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_machines_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machines")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_machines_token_hash")),
    )
    op.create_index("ix_machines_institution", "machines", ["institution_id", "added_at"])


def _make_index() -> None:
    op.create_table(
        "study_index",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        *[
            sa.Column(name, sa.String(length=length), nullable=False)
            for name, length in (
                ("study_date", 8),
                ("study_time", 16),
                ("accession", 64),
                ("study_number", 64),
                ("description", 256),
                ("referring", 256),
                ("person", 256),
                ("name_keys", 4000),
                ("patient_number", 64),
                ("patient_hash", 64),
                ("birth_date", 8),
                ("sex", 16),
            )
        ],
        sa.Column("told_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("told_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_index_study_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", name=op.f("pk_study_index")),
    )
    for name, columns in (
        ("date", ["institution_id", "study_date", "study_id"]),
        ("number", ["institution_id", "patient_hash"]),
        ("accession", ["institution_id", "accession"]),
    ):
        op.create_index(f"ix_study_index_{name}", "study_index", columns)
    op.create_table(
        "series_index",
        sa.Column("series_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=256), nullable=False),
        sa.Column("started_date", sa.String(length=8), nullable=False),
        sa.Column("started_time", sa.String(length=16), nullable=False),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("told_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_index_series_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_series_index")),
    )
    op.create_table(
        "instance_index",
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("made_from", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("bits", sa.Integer(), nullable=True),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("metadata_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instances.id"],
            name=op.f("fk_instance_index_instance_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_instance_index")),
    )


def downgrade() -> None:
    for table in ("machines", "instance_index", "series_index", "study_index"):
        op.drop_table(table)
