"""how often a case was declined, so that a list of any length can begin with the pressed ones"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COUNT = """
UPDATE cases SET declines = (
    SELECT count(*) FROM journal_entries
    WHERE journal_entries.case_id = cases.id AND journal_entries.kind = 'case.declined'
)
"""


def upgrade() -> None:
    # plain ADD COLUMN on both databases: a rebuilt table would lose what points to it
    op.add_column("cases", sa.Column("declines", sa.Integer(), nullable=False, server_default="0"))
    op.execute(_COUNT)


def downgrade() -> None:
    op.drop_column("cases", "declines")
