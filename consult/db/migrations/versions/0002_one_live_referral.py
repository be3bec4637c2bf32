"""one live referral a person and specialty; a referral that ended before any hospital was asked"""

import hashlib
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LIVE = sa.text(
    "SELECT r.id, r.specialty, c.consortium_id, coalesce(p.person_hash, p.id) AS person "
    "FROM referrals r JOIN cases c ON c.id = r.case_id JOIN patients p ON p.id = r.patient_id "
    "WHERE r.live_case_id IS NOT NULL ORDER BY r.id"
)


def upgrade() -> None:
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("live_key", sa.String(length=64), nullable=True))
        batch_op.alter_column("to_institution_id", existing_type=sa.String(32), nullable=True)
        batch_op.alter_column("clinic_id", existing_type=sa.String(32), nullable=True)
        batch_op.create_unique_constraint(op.f("uq_referrals_live_key"), ["live_key"])
    _fill_in()


def downgrade() -> None:
    op.execute("UPDATE referrals SET to_institution_id = '' WHERE to_institution_id IS NULL")
    op.execute("UPDATE referrals SET clinic_id = '' WHERE clinic_id IS NULL")
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_referrals_live_key"), type_="unique")
        batch_op.alter_column("clinic_id", existing_type=sa.String(32), nullable=False)
        batch_op.alter_column("to_institution_id", existing_type=sa.String(32), nullable=False)
        batch_op.drop_column("live_key")


def _fill_in() -> None:
    """The keys of what is live; of two that share one the first has it, the other ends without."""
    connection, taken = op.get_bind(), set()
    for referral_id, specialty, consortium_id, person in connection.execute(_LIVE).all():
        key = _key(consortium_id, person, specialty)
        if key not in taken:
            taken.add(key)
            connection.execute(
                sa.text("UPDATE referrals SET live_key = :key WHERE id = :id"),
                {"key": key, "id": referral_id},
            )


def _key(consortium_id: str, person: str, specialty: str) -> str:
    """As consult/referrals/one_live.py made it when this migration was written."""
    word = "".join(unicodedata.normalize("NFKC", specialty).casefold().split())
    return hashlib.sha256(f"{consortium_id}\x1f{person}\x1f{word}".encode()).hexdigest()
