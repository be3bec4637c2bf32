"""What becomes of each line of a pasted list; nothing is written here."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from consult.cases.screening import store
from consult.cases.screening.model import (
    Column,
    LineReport,
    ListLine,
    ListReport,
    ListRules,
    Verdict,
)
from consult.cases.screening.reading import read_list
from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Facts, Patient
from consult.people.patients.registration import PatientRules


@dataclass(frozen=True, slots=True)
class _Seen:
    """The year, who stands on the list already, and which line named whom first."""

    year: int
    listed: Collection[str]
    first_lines: dict[object, int] = field(default_factory=dict)


def examine(work: Work, text: str, *, rules: ListRules, registration: PatientRules) -> ListReport:
    """The report of every line; raises ListUnreadableError where there are no lines to report."""
    pasted = read_list(text, rules=rules)
    institution_id = work.actor.institution
    day = organisations.today_at(work, institution_id)
    listed = store.list_patient_ids(work.session, institution_id=institution_id, day=day)
    seen = _Seen(day.year, frozenset(listed))
    lines = [_report(work, line, seen, registration) for line in pasted.lines]
    return ListReport(lines, pasted.unread)


def _report(work: Work, line: ListLine, seen: _Seen, registration: PatientRules) -> LineReport:
    refused: Sequence[FieldProblem] = ()
    facts: Facts | None = None
    try:
        facts = patients.read_form(work, form=line.form, rules=registration)
    except FormRefusedError as refusal:
        refused = refusal.problems
    if facts is None or line.problems:
        problems = (*line.problems, *_further(line.problems, refused))
        return LineReport(line.number, line.form.name, Verdict.REFUSED, problems)
    impossible = _impossible(line, facts, year=seen.year)
    if impossible is not None:
        return LineReport(line.number, facts.name, Verdict.REFUSED, (impossible,))
    first = seen.first_lines.setdefault(_person_of(facts), line.number)
    if first != line.number:
        return LineReport(line.number, facts.name, Verdict.TWICE, same_as=first)
    return _known(work, line, facts, seen, registration)


def _impossible(line: ListLine, facts: Facts, *, year: int) -> FieldProblem | None:
    """A diagnosis before birth, or in a year that is still to come."""
    since = line.history.since_year
    if since is None or facts.birth_on.year <= since <= year:
        return None
    return FieldProblem(Column.DIABETES_SINCE, "list-year-impossible")


def _further(
    before: Sequence[FieldProblem], refused: Sequence[FieldProblem]
) -> Iterator[FieldProblem]:
    """What is not named yet; a wrong number says nothing of what its card would have said."""
    named = {problem.field for problem in (*before, *refused)}
    told = {problem.field for problem in before}
    if Column.DOCUMENT_NUMBER in named:
        told |= {Column.SEX, Column.BIRTH_ON}
    yield from (each for each in refused if each.field not in told)


def _known(
    work: Work, line: ListLine, facts: Facts, seen: _Seen, registration: PatientRules
) -> LineReport:
    same = patients.find_registered(work, facts, rules=registration)
    alike = None if same or facts.document_number else patients.find_undocumented(work, facts)
    found = same or alike
    if found is None:
        return LineReport(
            line.number, facts.name, Verdict.NEW, form=line.form, history=line.history
        )
    if found.id in seen.listed:
        return LineReport(line.number, facts.name, Verdict.LISTED, patient_id=found.id)
    problem = _doubt(facts, found, is_same=same is not None)
    if problem is not None:
        return LineReport(line.number, facts.name, Verdict.REFUSED, (problem,))
    return LineReport(
        line.number, facts.name, Verdict.KNOWN, patient_id=found.id, history=line.history
    )


def _doubt(facts: Facts, found: Patient, *, is_same: bool) -> FieldProblem | None:
    """One number under two names, or two people who are alike: a person decides, at the record."""
    if not is_same:
        return FieldProblem("name", "list-alike", {"number": found.local_number})
    if facts.name != found.name:
        return FieldProblem("name", "list-other-name", {"number": found.local_number})
    return None


def _person_of(facts: Facts) -> object:
    """What two lines about one person have in common."""
    if facts.document_number:
        return facts.document_number
    return facts.name, facts.sex, facts.birth_on
