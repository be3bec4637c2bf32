"""photographs of signed consents, telephones that take them, and those still to come"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_links()
    _make_sent()
    _make_papers()
    _make_awaited()
    op.add_column("advance_submissions", sa.Column("told_at", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("advance_submissions", "told_at")
    for table in ("awaited_papers", "case_papers", "sent_papers", "paper_links"):
        op.drop_table(table)


def _make_links() -> None:
    op.create_table(
        "paper_links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=True),
        sa.Column("used_at", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_paper_links_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_links")),
    )
    op.create_index("ix_paper_links_token", "paper_links", ["token_hash"], unique=True)
    op.create_index("ix_paper_links_session", "paper_links", ["session_hash"], unique=True)
    op.create_index("ix_paper_links_case", "paper_links", ["case_id", "id"])


def _make_sent() -> None:
    op.create_table(
        "sent_papers",
        sa.Column("upload_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("link_id", sa.String(length=32), nullable=True),
        sa.Column("sent_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_sent_papers_case_id")),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_sent_papers")),
    )
    op.create_index("ix_sent_papers_link", "sent_papers", ["link_id", "upload_id"])
    op.create_index("ix_sent_papers_case", "sent_papers", ["case_id", "sent_at", "upload_id"])


def _make_papers() -> None:
    op.create_table(
        "case_papers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("consent_id", sa.String(length=32), nullable=True),
        sa.Column("link_id", sa.String(length=32), nullable=True),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_papers_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_papers")),
    )
    op.create_index("ix_case_papers_case", "case_papers", ["case_id", "instance_id"], unique=True)


def _make_awaited() -> None:
    op.create_table(
        "awaited_papers",
        sa.Column("consent_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paper_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_awaited_papers_consent_id")
        ),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_awaited_papers")),
    )
    op.create_index(
        "ix_awaited_papers_due",
        "awaited_papers",
        ["institution_id", "paper_id", "due_on", "consent_id"],
    )
    op.create_index("ix_awaited_papers_patient", "awaited_papers", ["patient_id"])
