"""recordings of video rooms: who agreed, the recordings, and the parts and tracks that are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_recording_consents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("consent", sa.String(length=40), nullable=False),
        sa.Column("answered_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_room_recording_consents_room_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_recording_consents")),
    )
    op.create_index("ix_room_recording_consents_room", "room_recording_consents", ["room_id"])
    op.create_table(
        "room_recordings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.String(length=32), nullable=False),
        sa.Column("live_room_id", sa.String(length=32), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.String(length=32), nullable=True),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("held_until", sa.String(length=32), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_recordings_room_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_room_recordings_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_recordings")),
        sa.UniqueConstraint("live_room_id", name=op.f("uq_room_recordings_live_room_id")),
    )
    op.create_index("ix_room_recordings_case", "room_recordings", ["case_id"])
    _create_kept()


def _create_kept() -> None:
    op.create_table(
        "room_recording_parts",
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["room_recordings.id"],
            name=op.f("fk_room_recording_parts_recording_id"),
        ),
        sa.PrimaryKeyConstraint("source", "sequence", name=op.f("pk_room_recording_parts")),
    )
    op.create_index("ix_room_recording_parts_recording", "room_recording_parts", ["recording_id"])
    op.create_table(
        "room_recording_tracks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("codec", sa.String(length=20), nullable=False),
        sa.Column("first_at", sa.String(length=32), nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("recorded_sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source", "sequence"],
            ["room_recording_parts.source", "room_recording_parts.sequence"],
            name=op.f("fk_room_recording_tracks_source_sequence"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_recording_tracks")),
        sa.UniqueConstraint("key", name=op.f("uq_room_recording_tracks_key")),
    )
    op.create_index(
        "ix_room_recording_tracks_part", "room_recording_tracks", ["source", "sequence"]
    )


def downgrade() -> None:
    op.drop_table("room_recording_tracks")
    op.drop_table("room_recording_parts")
    op.drop_table("room_recordings")
    op.drop_table("room_recording_consents")
