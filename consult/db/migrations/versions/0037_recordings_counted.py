"""recordings count among what an institution keeps"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_MAKE = """
INSERT INTO storage_usage (institution_id, size_bytes, instances)
SELECT o.id, 0, 0 FROM institutions o
WHERE NOT EXISTS (SELECT 1 FROM storage_usage u WHERE u.institution_id = o.id)
"""
_COUNT = """
UPDATE storage_usage SET size_bytes = size_bytes {sign} COALESCE(
  (SELECT SUM(t.size_bytes) FROM room_recording_tracks t
   WHERE t.key LIKE storage_usage.institution_id || '/%'), 0)
"""


def upgrade() -> None:
    op.execute(_MAKE)
    op.execute(_COUNT.format(sign="+"))


def downgrade() -> None:
    op.execute(_COUNT.format(sign="-"))
