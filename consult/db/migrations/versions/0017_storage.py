"""what institutions keep, how far their bytes were read back, and what a device's place is"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_COUNT = """
INSERT INTO storage_usage (institution_id, size_bytes, instances)
SELECT o.id,
  COALESCE((SELECT SUM(b.size_bytes) FROM instance_blobs b JOIN instances i ON i.id = b.instance_id
    WHERE i.institution_id = o.id), 0)
  + COALESCE((SELECT SUM(c.size_bytes) FROM image_conflicts c JOIN instances i
    ON i.id = c.instance_id WHERE i.institution_id = o.id AND c.settled_at IS NULL), 0),
  (SELECT COUNT(*) FROM instances i WHERE i.institution_id = o.id)
FROM institutions o
"""


def upgrade() -> None:
    op.create_table(
        "storage_usage",
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("instances", sa.BigInteger(), nullable=False),
        sa.Column("most_bytes", sa.BigInteger(), nullable=True),
        sa.Column("most_instances", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("institution_id", name=op.f("pk_storage_usage")),
    )
    op.execute(_COUNT)
    op.create_table(
        "storage_passes",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.String(length=32), nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.String(length=32), nullable=True),
        sa.Column("position", sa.String(length=100), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("checked_bytes", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("last_begun_at", sa.String(length=32), nullable=True),
        sa.Column("last_ended_at", sa.String(length=32), nullable=True),
        sa.Column("last_checked", sa.BigInteger(), nullable=False),
        sa.Column("last_found", sa.BigInteger(), nullable=False),
        sa.Column("last_removed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_storage_passes")),
    )
    op.create_table(
        "storage_faults",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("found_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_storage_faults")),
    )
    op.create_index("ix_storage_faults_found", "storage_faults", ["found_at", "key"])
    with op.batch_alter_table("image_conflicts") as batch:
        batch.create_index("ix_image_conflicts_key", ["key"])
        batch.alter_column(  # as long as the form takes it
            "reason", type_=sa.String(length=1000), existing_type=sa.String(length=400)
        )
    op.create_table(
        "studies_put_aside",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("put_at", sa.String(length=32), nullable=False),
        sa.Column("put_by", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_studies_put_aside_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("study_id", name=op.f("pk_studies_put_aside")),
    )
    with op.batch_alter_table("dicom_peers") as batch:
        batch.add_column(
            sa.Column("over_tls", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(
            sa.Column("certificate", sa.String(length=253), nullable=False, server_default="")
        )
    with op.batch_alter_table("dicom_peers") as batch:
        batch.alter_column("over_tls", server_default=None)
        batch.alter_column("certificate", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("dicom_peers") as batch:
        batch.drop_column("certificate")
        batch.drop_column("over_tls")
    op.drop_table("studies_put_aside")
    op.drop_index("ix_image_conflicts_key", table_name="image_conflicts")
    op.drop_index("ix_storage_faults_found", table_name="storage_faults")
    op.drop_table("storage_faults")
    op.drop_table("storage_passes")
    op.drop_table("storage_usage")
