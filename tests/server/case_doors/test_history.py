"""A case's history stays whole however often a draft is saved, and goes on to older lines."""

import pytest

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.ids import CaseId, new_id
from consult.kernel.work import Entry, Work
from consult.queue import service as queue
from tests.makers.case_doors import Numbers, new_patient
from tests.makers.cases import fill_in, give_consent, make_draft, submit
from tests.makers.image_house import ImageHouse
from tests.makers.reports import queue_limits
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SAVED, OPENED = 300, 205


def _write_lines(work: Work, *, case: Case, kind: str, count: int) -> None:
    for _ in range(count):
        work.journal(
            Entry(kind, "report", new_id(), case_id=case.id, patient_id=case.patient_id)
            if kind.startswith("report")
            else Entry(kind, "case", case.id, case_id=case.id, patient_id=case.patient_id)
        )


@pytest.fixture
def taken(house: ImageHouse, numbers: Numbers) -> Case:
    """A case that an expert has taken."""
    patient = new_patient(house, numbers)
    give_consent(house.world, patient)
    sent = submit(house.world, fill_in(house.world, make_draft(house.world, patient)))
    return house.clinic.do(
        house.world.expert, queue.claim_case, case_id=CaseId(sent.id), limits=queue_limits()
    )


async def test_three_hundred_savings_hide_nothing_of_the_story(
    house: ImageHouse, taken: Case, doctor: Visitor
) -> None:
    house.clinic.system(_write_lines, case=taken, kind="report.draft_saved", count=SAVED)
    house.clinic.lines()
    _status, page = await doctor.page(f"/cases/{taken.id}")
    history = page[page.index('id="tl-h"') :]
    for told in ("建立病例", "提交", "领取"):
        assert told in history, told
    _status, told = await doctor.get(f"/api/cases/{taken.id}/timeline")
    kinds = {event["kind"] for event in told["events"]}
    assert {"case.drafted", "case.submitted", "case.claimed"} <= kinds
    assert "report.draft_saved" not in kinds


async def test_a_long_history_goes_on_to_older_lines(
    house: ImageHouse, taken: Case, doctor: Visitor
) -> None:
    house.clinic.system(_write_lines, case=taken, kind="case.lease_expired", count=OPENED)
    house.clinic.lines()
    address = f"/cases/{taken.id}"
    _status, page = await doctor.page(address)
    assert "更早" in page
    assert "建立病例" not in page[page.index('id="tl-h"') :]
    _status, newest = await doctor.get(f"/api{address}/timeline")
    assert len(newest["events"]) == cases.LONGEST_TIMELINE
    last = newest["events"][-1]["position"]
    assert f"{address}?before={last}#tl-h" in page
    _status, older = await doctor.page(f"{address}?before={last}")
    assert "建立病例" in older[older.index('id="tl-h"') :]
    assert 'rel="next"' not in older[older.index('id="tl-h"') :]
    _status, rest = await doctor.get(f"/api{address}/timeline?before={last}")
    assert all(event["position"] < last for event in rest["events"])
    assert rest["events"][-1]["kind"] == "case.drafted"


@pytest.mark.parametrize("nonsense", ["x", "-1", "1.5", "", "%C2%B2", "9" * 19, "1;DROP", "%00"])
async def test_nonsense_in_before_is_refused_and_named(
    taken: Case, doctor: Visitor, nonsense: str
) -> None:
    query = f"before={nonsense}"
    status, _page = await doctor.page(f"/cases/{taken.id}?{query}")
    assert status == 422
    status, answer = await doctor.get(f"/api/cases/{taken.id}/timeline?{query}")
    assert (status, [each["field"] for each in answer["errors"]]) == (422, ["before"])
