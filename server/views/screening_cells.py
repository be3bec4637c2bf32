"""What each cell of a row says: a code for its words, how it looks, and its figures."""

from dataclasses import dataclass

from consult.cases.consents.model import RecordedConsent
from consult.cases.images.service import ImageSet
from consult.cases.model import Case
from consult.cases.service_submit import Readiness
from consult.kernel.eyes import Eye


@dataclass(frozen=True, slots=True)
class Cell:
    """`look` is ok, no, half or bad; `code` chooses the words, `of` and `n` are their figures."""

    code: str
    look: str
    n: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Where a patient stands: a code of the desk's own, or the status of a case that was sent."""

    code: str
    lacks: int = 0


def consent_cell(consent: RecordedConsent | None, readiness: Readiness | None) -> Cell:
    """Whether a consent holds, and covers everything without which nothing is sent."""
    if consent is None:
        return Cell("unsigned", "no")
    lacks = readiness is not None and _count(readiness, "consent")
    return Cell("part", "bad") if lacks else Cell("signed", "ok")


def history_cell(case: Case | None, readiness: Readiness | None) -> Cell:
    """How many answers are missing."""
    if case is None:
        return Cell("unasked", "no")
    missing = 0 if readiness is None else _count(readiness, "answers")
    if missing and not case.answers:
        return Cell("unasked", "no")
    return Cell("missing", "half", n=missing) if missing else Cell("whole", "ok")


def eye_cell(found: ImageSet | None, eye: Eye) -> Cell:
    """How many of the fields of an eye are photographed and confirmed."""
    if found is None or found.protocol is None:
        return Cell("none", "no")
    if any(excuse.eye is eye and excuse.field is None for excuse in found.excuses):
        return Cell("unable", "half")
    wanted = set(found.protocol.fields)
    excused = {excuse.field for excuse in found.excuses if excuse.eye is eye}
    mine = [image for image in found.images if image.eye is eye]
    have = {image.field for image in mine if image.is_confirmed} & wanted
    due = len(wanted - (excused - have))
    if not mine and due == len(wanted):
        return Cell("none", "no")
    return Cell("count", "ok" if len(have) >= due else "half", n=len(have), of=due)


def quality_cell(found: ImageSet | None) -> Cell:
    """What is to be done about the photographs, the gravest first."""
    if found is None or not found.images:
        return Cell("none", "no")
    again = sum(image.needs_another and image.row.kept_for is None for image in found.images)
    if again:
        return Cell("again", "bad", n=again)
    if any(question.is_open for question in found.questions) or found.asked or found.conflicts:
        return Cell("asked", "bad")
    if any(image.needs_confirming for image in found.images):
        return Cell("unconfirmed", "half")
    return Cell("good", "ok")


def state_of(
    case: Case | None,
    found: ImageSet | None,
    readiness: Readiness | None,
    *,
    goes_by_itself: bool = False,
) -> State:
    """What is told in the last column."""
    if case is None:
        return State("waiting")
    if readiness is None:
        return State(case.status)
    lacks = len(readiness.problems)
    if goes_by_itself:
        return State("advance", lacks=lacks)
    if found is not None and found.running:
        return State("arriving", lacks=lacks)
    return State("begun", lacks=lacks) if lacks else State("ready")


def _count(readiness: Readiness, part: str) -> int:
    return sum(problem.field.partition(".")[0] == part for problem in readiness.problems)
