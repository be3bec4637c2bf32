"""Looking at the test pattern before reading: what a reader said of her display (VW-10)."""

from collections.abc import Sequence

from consult.access.model import ObjectType
from consult.kernel.errors import Fact
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.reports.displays import store
from consult.reports.displays.model import DisplayCheck

_SHOWN = 5


def note_check(work: Work, *, display: str, passed: bool) -> DisplayCheck:
    """Keep what the actor saw on this display."""
    check = DisplayCheck(new_id(), work.actor.person, display, passed, work.now)
    store.add_check(work.session, check)
    codes: dict[str, Fact] = {"display": display, "passed": int(passed)}
    work.journal(Entry("display.checked", ObjectType.PRACTITIONER, work.actor.person, codes=codes))
    return check


def list_newest(work: Work) -> Sequence[DisplayCheck]:
    """What the actor said lately, the newest first."""
    return store.list_newest(work.session, work.actor.person, limit=_SHOWN)


def find_passed(work: Work, *, display: str) -> DisplayCheck | None:
    """What the actor said last of such a display, where all of the pattern was told apart."""
    found = store.find_newest(work.session, work.actor.person, display=display)
    return found if found is not None and found.passed else None
