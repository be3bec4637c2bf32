"""what counts of a month ask of each case's reports, and an index by the submission"""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_KNOWN = sa.text(
    "SELECT r.case_id, r.version, r.status, r.author_id, r.signed_at, r.canonical, c.submitted_at"
    " FROM reports r JOIN cases c ON c.id = r.case_id ORDER BY r.case_id, r.version"
)
_COLUMNS = (
    *("case_id", "answered_at", "took_s", "reader_id"),
    *("version", "need", "eyes_rated", "eyes_ungradable"),
)


def upgrade() -> None:
    op.create_table(
        "case_figures",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.String(length=32), nullable=False),
        sa.Column("took_s", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(length=40), nullable=True),
        sa.Column("eyes_rated", sa.Integer(), nullable=False),
        sa.Column("eyes_ungradable", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_figures")),
    )
    op.create_index("ix_cases_submitted", "cases", ["submitted_at", "institution_id"])
    _fill()


def _fill() -> None:
    """Every case that was answered before; its versions come one after the other."""
    table = sa.table("case_figures", *(sa.column(name) for name in _COLUMNS))
    found: dict[str, dict[str, object]] = {}
    for row in op.get_bind().execute(_KNOWN):
        figures = found.setdefault(row.case_id, _answer(row))
        figures.update(_said(row))
    values = list(found.values())
    for start in range(0, len(values), _AT_ONCE):
        op.get_bind().execute(table.insert(), values[start : start + _AT_ONCE])


def _answer(row: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    signed = datetime.fromisoformat(row.signed_at)
    begun = datetime.fromisoformat(row.submitted_at or row.signed_at)
    return {
        "case_id": row.case_id,
        "answered_at": row.signed_at,
        "took_s": int((signed - begun).total_seconds()),
        "reader_id": row.author_id,
    }


def _said(row: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    """As `said_in` of consult/reports/figures has it; a migration reads the codes of its day."""
    body = json.loads(row.canonical).get("body", {}) if row.status != "retracted" else {}
    eyes = [body.get(eye, {}) for eye in ("right", "left")]
    there = [eye for eye in eyes if eye.get("eye_status") != "absent"]
    rated = [eye["quality"] for eye in there if eye.get("quality") is not None]
    return {
        "version": row.version,
        "need": body.get("referral_need"),
        "eyes_rated": len(rated),
        "eyes_ungradable": rated.count("ungradable"),
    }


def downgrade() -> None:
    op.drop_index("ix_cases_submitted", "cases")
    op.drop_table("case_figures")
