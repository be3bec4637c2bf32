"""who of the DICOM network may come in"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dicom_peers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=16), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("may_store", sa.Boolean(), nullable=False),
        sa.Column("may_query", sa.Boolean(), nullable=False),
        sa.Column("charset", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_dicom_peers_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dicom_peers")),
        sa.UniqueConstraint("title", name=op.f("uq_dicom_peers_title")),
    )


def downgrade() -> None:
    op.drop_table("dicom_peers")
