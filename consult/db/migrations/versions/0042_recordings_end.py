"""recordings go when their period is over, unless they are held back; links for sessions"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("ends_told_at", "deleted_at"):
        op.add_column("room_recordings", sa.Column(name, sa.String(length=32), nullable=True))
    op.create_index("ix_room_recordings_ended", "room_recordings", ["ended_at", "id"])
    op.create_table(
        "room_recording_holds",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("live_key", sa.String(length=65), nullable=True),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("held_by_id", sa.String(length=32), nullable=False),
        sa.Column("held_at", sa.String(length=32), nullable=False),
        sa.Column("lifted_by_id", sa.String(length=32), nullable=True),
        sa.Column("lifted_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_room_recording_holds_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_recording_holds")),
        sa.UniqueConstraint("live_key", name=op.f("uq_room_recording_holds_live_key")),
    )
    op.create_index("ix_room_recording_holds_case", "room_recording_holds", ["case_id", "id"])
    op.create_table(
        "room_links_ahead",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("for_whom", sa.String(length=40), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.String(length=32), nullable=True),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["video_sessions.id"], name=op.f("fk_room_links_ahead_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_room_links_ahead_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_links_ahead")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_room_links_ahead_token_hash")),
    )
    op.create_index("ix_room_links_ahead_session", "room_links_ahead", ["session_id", "id"])


def downgrade() -> None:
    op.drop_table("room_links_ahead")
    op.drop_table("room_recording_holds")
    op.drop_index("ix_room_recordings_ended", "room_recordings")
    op.drop_column("room_recordings", "deleted_at")
    op.drop_column("room_recordings", "ends_told_at")
