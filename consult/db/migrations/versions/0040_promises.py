"""promised times that run out, the panel that is asked next, and notices outside the page"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_WAITS = "'submitted', 'assigned', 'declined'"
_RUNS = f"{_WAITS}, 'accepted', 'scheduled', 'in_consult', 'reading'"
# Cases that wait now: their leaders are told as well. What is late already is seen on their lists.
_LAY = """
    INSERT INTO promise_marks (case_id, term, rung, due_at)
    SELECT id, '{term}', 'leader', {term}_by FROM cases
    WHERE status IN ({statuses}) AND {term}_by > :now
"""


def upgrade() -> None:
    op.create_table(
        "promise_marks",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("term", sa.String(length=40), nullable=False),
        sa.Column("rung", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_promise_marks_case_id")),
        sa.PrimaryKeyConstraint("case_id", "term", "rung", name=op.f("pk_promise_marks")),
    )
    op.create_index("ix_promise_marks_due", "promise_marks", ["told_at", "due_at"])
    op.create_table(
        "panel_backups",
        sa.Column("panel_id", sa.String(length=32), nullable=False),
        sa.Column("backup_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panels.id"], name=op.f("fk_panel_backups_panel_id")
        ),
        sa.ForeignKeyConstraint(
            ["backup_id"], ["panels.id"], name=op.f("fk_panel_backups_backup_id")
        ),
        sa.PrimaryKeyConstraint("panel_id", name=op.f("pk_panel_backups")),
    )
    _create_notices()
    now = {"now": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())}
    for term, statuses in (("accept", _WAITS), ("report", _RUNS)):
        op.get_bind().execute(sa.text(_LAY.format(term=term, statuses=statuses)), now)


def _create_notices() -> None:
    op.create_table(
        "notice_ways",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("events", sa.String(length=400), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=False),
        sa.Column("quiet_until", sa.String(length=5), nullable=False),
        sa.Column("digest_at", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.Column("removed_at", sa.String(length=32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.String(length=32), nullable=True),
        sa.Column("failing_since", sa.String(length=32), nullable=True),
        sa.Column("failure", sa.String(length=80), nullable=False),
        sa.Column("sent_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["practitioners.id"], name=op.f("fk_notice_ways_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_ways")),
    )
    op.create_index("ix_notice_ways_person", "notice_ways", ["person_id", "removed_at"])
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("way_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("case_number", sa.String(length=24), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("send_at", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["way_id"], ["notice_ways.id"], name=op.f("fk_notices_way_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notices_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("way_id", "position", name=op.f("uq_notices_way_id_position")),
    )
    op.create_index("ix_notices_due", "notices", ["state", "send_at"])
    op.create_index("ix_notices_way", "notices", ["way_id", "state", "send_at"])
    op.create_table(
        "notice_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_cursor")),
    )


def downgrade() -> None:
    op.drop_table("notice_cursor")
    op.drop_table("notices")
    op.drop_table("notice_ways")
    op.drop_table("panel_backups")
    op.drop_table("promise_marks")
