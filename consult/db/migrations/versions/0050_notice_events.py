"""notices of what ends a case or changes its answer, and several digests a day"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# Whoever chose the first hears of the others too: until now they were not told of at all.
_GAINED = (("returned", "ended"), ("returned", "not_submitted"), ("answered", "amended"))


def upgrade() -> None:
    with op.batch_alter_table("notice_ways") as batch:
        batch.alter_column(
            "digest_at", existing_type=sa.String(length=5), type_=sa.String(length=23)
        )
    for known, gained in _GAINED:
        statement = (
            "UPDATE notice_ways SET events = events || :gained "
            "WHERE ' ' || events || ' ' LIKE :known"
        )
        values = {"gained": f" {gained}", "known": f"% {known} %"}
        op.get_bind().execute(sa.text(statement), values)


def downgrade() -> None:
    for known, gained in _GAINED:
        ways = "UPDATE notice_ways SET events = trim(replace(' ' || events || ' ', :gained, ' '))"
        op.get_bind().execute(sa.text(ways), {"gained": f" {gained} "})
        notices = "UPDATE notices SET event = :known WHERE event = :gained"
        op.get_bind().execute(sa.text(notices), {"known": known, "gained": gained})
    op.execute("UPDATE notice_ways SET digest_at = substr(digest_at, 1, 5)")
    with op.batch_alter_table("notice_ways") as batch:
        batch.alter_column(
            "digest_at", existing_type=sa.String(length=23), type_=sa.String(length=5)
        )
