"""A list before which thousands wait is found at once, however old PostgreSQL's statistics are."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases import store_panels
from consult.cases.model import CaseStatus
from consult.cases.tables import CaseRow
from consult.cases.views import PanelView
from consult.db.errors import DatabaseAwayError
from consult.kernel.work import Actor, Work
from tests.makers.clinic import Clinic, open_clinic
from tests.makers.databases import Cluster

pytestmark = pytest.mark.postgres

WAITING, ELSEWHERE = 10_000, 100
ALL = WAITING + ELSEWHERE
READER = Actor(None, "lead", session_id="machine:m", machine_id="m")
PANEL = "lead"
STATUSES = [CaseStatus.ASSIGNED]
VIEW = PanelView([PANEL], STATUSES, pressed_from=3, pressed_in=STATUSES, limit=100)
FILL = (
    (
        "INSERT INTO cases (id, number, institution_id, consortium_id, invited_institution_id,"
        " panel_id, patient_id, service_type, form_version, answers, question, priority,"
        " priority_rule, priority_version, status, opened_at, report_by, revision, uploading,"
        " retake, amended, reopened, told) SELECT 'c' || n, 'N' || n, 'clinic', 'all',"
        " CAST(:lead AS varchar), CAST(:lead AS varchar), 'p' || n,"
        " 'screening_read', '1', '{}', '', 'routine', '', '', 'assigned',"
        " '2026-01-01T00:00:00.000000Z', '2026-01-02T00:00:00.000000Z', 1, false, false, false,"
        " false, false FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"
    ),
    (
        "INSERT INTO custody (object_type, object_id, custodian_type, custodian_id)"
        " SELECT 'case', 'c' || n, 'institution', 'clinic'"
        " FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"
    ),
    (
        "INSERT INTO grants (id, object_type, object_id, grantee_type, grantee_id, why, granted_at)"
        " SELECT 'g' || n, 'case', 'c' || n, 'institution', :lead, 'sent',"
        " '2026-01-01T00:00:00.000000Z'"
        " FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"
    ),
)


@pytest.fixture(scope="module")
def crowded(cluster: Cluster, postgres_url: str) -> Iterator[Clinic]:
    """Ten thousand cases wait, and the database believes that there is none."""
    with open_clinic(postgres_url) as opened:
        opened.system(fill)
        yield opened
    cluster.empty_database(postgres_url)


def fill(work: Work) -> None:
    """A few of another hospital, counted by the database; then all the others, unknown to it."""
    for table in ("cases", "custody", "grants"):
        work.session.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
    for lead, first, last in (("elsewhere", 1, ELSEWHERE), ("lead", ELSEWHERE + 1, ALL)):
        for statement in FILL:
            told = {"lead": lead, "first": first, "last": last}
            work.session.execute(
                text(statement), {k: v for k, v in told.items() if f":{k}" in statement}
            )
        if lead == "elsewhere":
            work.session.execute(text("ANALYZE cases, custody, grants"))


def within(work: Work, seconds: int, find: Callable[[Work], object]) -> object:
    """What is found, or an error of the database when it takes longer."""
    work.session.execute(text(f"SET LOCAL statement_timeout = {seconds * 1000}"))
    return find(work)


def test_the_list_and_its_numbers_come_at_once(crowded: Clinic) -> None:
    def ask(work: Work) -> tuple[int, int]:
        found = cases.list_for_panels(work, view=VIEW)
        waiting = cases.count_for_panels(work, panel_ids=[PANEL], statuses=STATUSES)
        return len(found), sum(each.count for each in waiting)

    assert crowded.do(READER, within, seconds=10, find=ask) == (100, WAITING)


def test_gathering_all_that_may_be_seen_first_does_not_end(crowded: Clinic) -> None:
    def ask(work: Work) -> object:
        gathered = CaseRow.id.in_(policy.visible_ids(work, ObjectType.CASE))
        return store_panels.count(work, panel_ids=[PANEL], statuses=STATUSES, seen=gathered)

    with pytest.raises(DatabaseAwayError):
        crowded.do(READER, within, seconds=2, find=ask)
