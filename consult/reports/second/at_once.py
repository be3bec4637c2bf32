"""Second readings that could not wait, told to both readers until they have looked (Q-10)."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from consult.cases import service as cases
from consult.cases.model import Case
from consult.journal import service as journal
from consult.kernel.work import Work
from consult.queue import service as queue
from consult.reports.second import store
from consult.reports.second.matters import SecondRules
from consult.reports.second.model import Held
from consult.reports.second.readings import OPENED

MOST_TOLD: Final = 20
_LATELY: Final = timedelta(days=14)
_MOST_SIGNED: Final = 1000
_MOST_PAIRS: Final = 100


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A case that was answered by its second reading, and the reading of the actor's colleague."""

    case: Case
    other: Held


def list_at_once(work: Work, *, rules: SecondRules) -> list[AtOnce]:
    """The cases of the last two weeks on which the actor was one of two readers, the newest first.

    One that she has opened the other's reading of is not among them, nor one of a panel that
    she has left; where no service is read twice there is none.
    """
    if not rules.on_for or not work.actor.panel_ids:
        return []
    signed = queue.list_signed(work, since=work.now - _LATELY, limit=_MOST_SIGNED)
    if not signed:
        return []
    pairs = store.list_pairs_released_second(work.session, signed, limit=_MOST_PAIRS)
    found = (_of_pair(work, first, second) for first, second in pairs)
    return list(islice((each for each in found if each is not None), MOST_TOLD))


def _of_pair(work: Work, first: Held, second: Held) -> AtOnce | None:
    """What the actor is told of this case; None where it is nothing, or nothing new."""
    me = work.actor.person
    others = [each for each in (first, second) if each.report.author_id != me]
    if len(others) != 1:
        return None
    case = cases.find_seen(work, first.report.case_id)
    if case is None or case.panel_id not in work.actor.panel_ids:
        return None
    other = others[0]
    looks = journal.lines_of_kinds(work.session, case.id, kinds={OPENED})
    if any(line.practitioner_id == me and line.object_id == other.report.id for line in looks):
        return None
    return AtOnce(case, other)
