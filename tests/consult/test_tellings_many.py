"""More patients to be told than one look at the list holds: none is left with who has gone."""

import pytest
from sqlalchemy import update

from consult.cases.model import ServiceType
from consult.kernel.work import Work
from consult.reports import receipts
from consult.reports.seal import SystemSeal
from consult.reports.tellings import service as tellings
from consult.reports.tellings.model import TellingView
from consult.reports.tellings.tables import TellingRow
from server.views.tellings import make_list
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.reports import make_read_case, prepare, sign
from tests.makers.second_readings import normal_body
from tests.makers.tellings import after_rules, telling_rules, to_be_told


def decided(world: Consortium, seal: SystemSeal, count: int) -> None:
    """So many patients without a finding are to be told."""
    for number in range(count):
        who = {"document_number": citizen_number(2 * number + 2)}
        case = make_read_case(world, service_type=ServiceType.SCREENING_READ, **who)
        shown = prepare(world, case, by=world.expert, body=normal_body())
        report = sign(world, case, by=world.expert, shown=shown, seal=seal)
        world.clinic.do(
            world.physician, receipts.receive_together, report_ids=[report.id], rules=after_rules()
        )


def test_whoever_leaves_hands_over_all_that_she_has_there_and_nothing_of_another_place(
    world: Consortium, seal: SystemSeal, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(world, seal, 4)
    found = to_be_told(world)
    owner, place = found[0].owner_id, found[0].institution_id
    assert {each.owner_id for each in found} == {owner}
    heir = next(each.person for each in (world.physician, world.colleague) if each.person != owner)
    elsewhere = min(found, key=lambda each: each.id)

    def move(work: Work) -> None:
        there = {"institution_id": world.lead_id}
        work.session.execute(
            update(TellingRow).where(TellingRow.id == elsewhere.id).values(**there)
        )

    world.clinic.system(move)
    monkeypatch.setattr(tellings, "AT_ONCE", 1)
    asked = {"owner_id": owner, "institution_id": place}
    assert world.clinic.system(tellings.count_owned, **asked) == 3
    assert world.clinic.system(tellings.hand_over, **asked, heir_id=owner) == 0  # she herself
    assert world.clinic.system(tellings.hand_over, **asked, heir_id=heir) == 3
    assert {each.owner_id for each in to_be_told(world)} == {heir}
    left = {"owner_id": owner, "institution_id": world.lead_id}
    assert world.clinic.system(tellings.count_owned, **left) == 1
    assert world.clinic.kinds().count("telling.rehomed") == 3


def test_a_tab_that_is_longer_than_its_page_says_how_many_more_there_are(
    world: Consortium, seal: SystemSeal, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(world, seal, 3)

    def more(view: TellingView) -> int:
        return world.clinic.do(world.physician, make_list, view=view, rules=telling_rules()).more

    assert more(TellingView.OPEN) == 0
    monkeypatch.setattr(tellings, "LONGEST_LIST", 2)
    assert more(TellingView.OPEN) == 1
    assert more(TellingView.DONE) == 0
