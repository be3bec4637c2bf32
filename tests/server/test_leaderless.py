"""The administrator is shown that a panel has lost its leader, and where to name another."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from consult.kernel.work import Role
from consult.people.organisations import consortia, panels
from consult.people.organisations import service as organisations
from server.settings import Settings
from server.transactions import utc_now
from tests.makers.clinic import Clinic
from tests.makers.installation import Installation
from tests.makers.people import SERVICES, add_person
from tests.makers.world import open_installation

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
NOTICE = {"en": "the cases that wait there need another one", "zh-Hans": "组长已离任"}
BADGE = {"en": "No longer here", "zh-Hans": "已离任"}
WARNING = {"en": "Make another member the leader", "zh-Hans": "将另一名成员设为组长"}


@pytest.fixture
def clinic(installation: Installation) -> Iterator[Clinic]:
    """Services on the server's own database, three days ago."""
    opened = open_installation(Settings(data_dir=installation.house.data_dir))
    yield opened.at(utc_now() - timedelta(days=3))
    opened.units.close()


async def test_a_panel_without_its_leader_is_named_on_three_pages(
    installation: Installation, clinic: Clinic
) -> None:
    place = clinic.system(organisations.get_by_code, code="jzeye").id
    panel_id, heir = _led_until_yesterday(clinic, place)
    admin, pages = installation.admin, ("/admin", "/admin/panels", f"/admin/panels/{panel_id}")
    for language in ("en", "zh-Hans"):
        await admin.send("/api/language", {"language": language})
        words = (NOTICE[language], BADGE[language], WARNING[language])
        for path, said in zip(pages, words, strict=True):
            assert said in (await admin.page(path))[1], path
    _status, told = await admin.get("/api/admin/overview")
    assert told["leaderless"] == 1
    _status, found = await admin.get(f"/api/admin/panels/{panel_id}")
    body = {"practitioner_id": heir, "revision": found["revision"]}
    status, answer = await admin.send(f"/api/admin/panels/{panel_id}/leader", body)
    assert status == 200, answer
    for path, said in zip(pages, words, strict=True):
        assert said not in (await admin.page(path))[1], path


def _led_until_yesterday(clinic: Clinic, place: str) -> tuple[str, str]:
    yesterday = clinic.now.date() + timedelta(days=2)
    leader = add_person(clinic, "gone", place, Role.EXPERT, until_on=yesterday - timedelta(days=1))
    heir = add_person(clinic, "heir", place, Role.EXPERT)
    founded = clinic.system(consortia.add_consortium, name="短期医联体", name_en="", lead_id=place)
    new = panels.NewPanel(
        consortium_id=founded.id,
        institution_id=place,
        name="角膜会诊组",
        name_en="Cornea panel",
        leader_id=leader,
        member_ids=frozenset({heir}),
        services=SERVICES,
    )
    return clinic.system(panels.add_panel, new=new).id, heir
