"""what the computers of cameras send, to which draft it goes, and what they say of themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("upload_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("machine_id", sa.String(length=32), nullable=False),
        sa.Column("spool_id", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("written_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name=op.f("fk_deliveries_machine_id")
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("machine_id", "spool_id", name=op.f("uq_deliveries_machine_id")),
    )
    op.create_table(
        "delivery_blobs",
        sa.Column("upload_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["deliveries.upload_id"],
            name=op.f("fk_delivery_blobs_upload_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", "part", name=op.f("pk_delivery_blobs")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_blobs_key")),
    )
    op.create_table(
        "camera_directions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("machine_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("begun_by", sa.String(length=32), nullable=False),
        sa.Column("begun_at", sa.String(length=32), nullable=False),
        sa.Column("ends_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name=op.f("fk_camera_directions_machine_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_camera_directions_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_directions")),
    )
    for name, columns in (
        ("machine", ["machine_id", "begun_at"]),
        ("case", ["case_id", "ended_at"]),
        ("open", ["ended_at", "ends_at"]),
    ):
        op.create_index(f"ix_camera_directions_{name}", "camera_directions", columns)
    op.create_table(
        "machine_heartbeats",
        sa.Column("machine_id", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("waiting_bytes", sa.BigInteger(), nullable=False),
        sa.Column("oldest_at", sa.String(length=32), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name=op.f("fk_machine_heartbeats_machine_id")
        ),
        sa.PrimaryKeyConstraint("machine_id", name=op.f("pk_machine_heartbeats")),
    )


def downgrade() -> None:
    for table in ("machine_heartbeats", "camera_directions", "delivery_blobs", "deliveries"):
        op.drop_table(table)
