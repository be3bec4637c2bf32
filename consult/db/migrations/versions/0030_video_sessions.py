"""windows of experts, booked sessions of video consultations, and addresses of calendars"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "video_windows",
        *_days(),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("start", sa.String(length=5), nullable=False),
        sa.Column("end", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_windows")),
    )
    op.create_index("ix_video_windows_expert", "video_windows", ["expert_id", "day_until"])
    op.create_table(
        "video_leaves",
        *_days(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_leaves")),
    )
    op.create_index("ix_video_leaves_expert", "video_leaves", ["expert_id", "day_until"])
    _make_sessions()
    op.create_table(
        "video_ticks",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["video_sessions.id"], name=op.f("fk_video_ticks_session_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "at", name=op.f("pk_video_ticks")),
    )
    op.create_index("ix_video_ticks_session", "video_ticks", ["session_id"])
    op.create_table(
        "calendar_feeds",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )


def downgrade() -> None:
    for table in (
        "calendar_feeds",
        "video_ticks",
        "video_sessions",
        "video_leaves",
        "video_windows",
    ):
        op.drop_table(table)


def _days() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("day_from", sa.Date(), nullable=False),
        sa.Column("day_until", sa.Date(), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
    ]


def _make_sessions() -> None:
    op.create_table(
        "video_sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("live_case_id", sa.String(length=32), nullable=True),
        sa.Column("case_number", sa.String(length=40), nullable=False),
        sa.Column("expert_id", sa.String(length=32), nullable=False),
        sa.Column("doctor_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("invited_institution_id", sa.String(length=32), nullable=False),
        sa.Column("window_id", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.String(length=32), nullable=False),
        sa.Column("ends_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("acted_by", sa.String(length=32), nullable=True),
        sa.Column("booked_at", sa.String(length=32), nullable=False),
        sa.Column("changed_at", sa.String(length=32), nullable=False),
        sa.Column("reminded", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_sessions")),
        sa.UniqueConstraint("live_case_id", name=op.f("uq_video_sessions_live_case_id")),
    )
    op.create_index("ix_video_sessions_case", "video_sessions", ["case_id"])
    op.create_index("ix_video_sessions_expert", "video_sessions", ["expert_id", "starts_at"])
    op.create_index("ix_video_sessions_doctor", "video_sessions", ["doctor_id", "starts_at"])
    op.create_index("ix_video_sessions_due", "video_sessions", ["status", "ends_at"])
