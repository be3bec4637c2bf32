"""An alert is raised, moved and ended in one place, and the journal told how its row stands."""

from dataclasses import replace
from typing import Final

from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import CODE, kept
from consult.kernel.errors import Fact
from consult.kernel.work import Work
from consult.reports.alerts import store
from consult.reports.alerts.model import Alert
from consult.reports.alerts.tables import AlertRow

NOTHING: Final = Said()


def raise_one(work: Work, case: Case, alert: Alert) -> None:
    """Write a new alert."""
    store.save_new(work.session, alert)
    said = Said(codes={"report": alert.report_id, "rules": alert.rules})
    _tell(work, case, alert, "alert.raised", said)


def move(
    work: Work, case: Case, before: Alert, after: Alert, *, kind: str, said: Said = NOTHING
) -> Alert:
    """Write an alert as it stands now, unless it has moved meanwhile, and journal `kind`.

    `said.codes` may tell of another row too, which is named beside the alert's.
    """
    moved = replace(after, revision=before.revision + 1)
    store.save_move(work.session, before, moved)
    _tell(work, case, moved, kind, said)
    return moved


def _tell(work: Work, case: Case, alert: Alert, kind: str, said: Said) -> None:
    told: dict[str, Fact] = {"alert": alert.id, "alert_owner": alert.owner_id, **said.codes}
    rows = [str(told.get(CODE, "")), kept(work, AlertRow, alert.id)[CODE]]
    told[CODE] = " ".join(rows).strip()
    work.journal(case_entry(case, kind, codes=told, words=said.words))
