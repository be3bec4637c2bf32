"""when a hand was last on a signing window; sessions are found by their names at the provider"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # a window that is open now has been touched by nobody, and is asked for again
    op.add_column("signing_windows", sa.Column("touched_at", sa.String(length=32), nullable=True))
    op.add_column("sessions", sa.Column("proved_by_two", sa.Boolean(), nullable=True))
    op.create_index("ix_sessions_provider_sub", "sessions", ["provider_sub", "ended_at"])
    op.create_index("ix_sessions_provider_sid", "sessions", ["provider_sid", "ended_at"])


def downgrade() -> None:
    op.drop_index("ix_sessions_provider_sid", table_name="sessions")
    op.drop_index("ix_sessions_provider_sub", table_name="sessions")
    op.drop_column("sessions", "proved_by_two")
    op.drop_column("signing_windows", "touched_at")
