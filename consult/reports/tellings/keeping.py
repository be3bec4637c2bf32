"""A task is written in one place, and the journal told how its row stands."""

from dataclasses import replace
from typing import Final

from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.errors import Fact
from consult.kernel.work import Work
from consult.reports.tellings import store
from consult.reports.tellings.model import Telling
from consult.reports.tellings.tables import TellingRow

NOTHING: Final = Said()


def begin(work: Work, case: Case, telling: Telling) -> None:
    """Write a new task."""
    store.save_new(work.session, telling)
    said = Said(
        codes={
            "report": telling.report_id,
            "kind": telling.kind.value,
            "due_on": telling.due_on.isoformat(),
            "rules": telling.rules,
        }
    )
    tell(work, case, telling, "telling.opened", said)


def move(work: Work, before: Telling, after: Telling) -> Telling:
    """Write a task as it stands now, unless it has moved meanwhile."""
    moved = replace(after, revision=before.revision + 1)
    store.save_move(work.session, before, moved)
    return moved


def tell(work: Work, case: Case, telling: Telling, kind: str, said: Said = NOTHING) -> None:
    """A line on the timeline of the case."""
    codes = codes_of(work, telling, said)
    work.journal(case_entry(case, kind, codes=codes, words=said.words))


def codes_of(work: Work, telling: Telling, said: Said = NOTHING) -> dict[str, Fact]:
    """What an entry says of a task beside the case's own facts; `telling_owner` is who has it."""
    codes: dict[str, Fact] = {"telling": telling.id, "telling_owner": telling.owner_id}
    return {**codes, **said.codes, **kept(work, TellingRow, telling.id)}
