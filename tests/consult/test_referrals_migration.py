"""Migration 0002: what was live before it has its key, and nothing is lost on the way."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, Table, create_engine, insert, select

import consult.db
from consult.cases import service as cases
from consult.db.engine import parse_database_url
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.referrals import one_live
from consult.referrals.tables import ReferralRow
from consult.reports.seal import load_seal
from tests.makers.clinic import open_clinic
from tests.makers.databases import Cluster
from tests.makers.referrals import make_decided, make_office, make_second, refer

_MIGRATIONS = Path(consult.db.__file__).parent / "migrations"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of either kind and of its own, at its newest schema."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.make_database()


def test_of_two_that_share_a_key_the_first_has_it_and_both_stay(
    database_url: str, tmp_path: Path
) -> None:
    with open_clinic(database_url) as clinic:
        office = make_office(clinic, load_seal(tmp_path))
        first, other = refer(office, make_decided(office)), refer(office, make_second(office))
    config = _config(database_url)
    command.downgrade(config, "0001")
    second = _copy(database_url, first.id)
    command.upgrade(config, "head")
    with open_clinic(database_url) as clinic:
        keys = clinic.system(_keys)
        assert (keys[second], keys[first.id] is None) == (None, False)
        for referral in (first, other):
            case = clinic.system(cases.get_case, case_id=referral.case_id)
            specialty = referral.specialty
            made = clinic.system(one_live.make_live_key, case=case, specialty=specialty)
            assert keys[referral.id] == made


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    url = parse_database_url(database_url).render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _copy(database_url: str, referral_id: str) -> str:
    """A second live referral of the same person, as 0001 let one be."""
    engine, made = create_engine(parse_database_url(database_url)), new_id()
    table = Table("referrals", MetaData(), autoload_with=engine)
    with engine.begin() as connection:
        row = connection.execute(select(table).where(table.c.id == referral_id)).mappings().one()
        changes = {"id": made, "number": "ZZ-2", "live_case_id": new_id()}
        connection.execute(insert(table).values({**row, **changes}))
    engine.dispose()
    return made


def _keys(work: Work) -> dict[str, str | None]:
    found = select(ReferralRow.id, ReferralRow.live_key)
    return {row.id: row.live_key for row in work.session.execute(found)}
