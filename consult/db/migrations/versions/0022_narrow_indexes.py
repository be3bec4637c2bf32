"""lines without a case or patient are in no index of those; a study's name beside its date"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_DATE = ["institution_id", "study_date", "study_id"]


def upgrade() -> None:
    for name in ("case", "patient"):
        told = sa.text(f"{name}_id IS NOT NULL")
        op.drop_index(f"ix_journal_entries_{name}", table_name="journal_entries")
        op.create_index(
            f"ix_journal_entries_{name}",
            "journal_entries",
            [f"{name}_id", "position"],
            sqlite_where=told,
            postgresql_where=told,
        )
    op.drop_index("ix_study_index_date", table_name="study_index")
    op.create_index("ix_study_index_date", "study_index", [*_DATE, "person"])


def downgrade() -> None:
    for name in ("case", "patient"):
        op.drop_index(f"ix_journal_entries_{name}", table_name="journal_entries")
        op.create_index(f"ix_journal_entries_{name}", "journal_entries", [f"{name}_id", "position"])
    op.drop_index("ix_study_index_date", table_name="study_index")
    op.create_index("ix_study_index_date", "study_index", _DATE)
