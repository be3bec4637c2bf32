"""docs/demo.md: who can sign in to the demonstration, and what is to be found there."""

from collections.abc import Iterable, Iterator, Sequence

from server.demo.case_model import CasePlan
from server.demo.model import DemoPlan
from server.i18n import CHINESE, ENGLISH
from server.terms import Terms

_HEAD = """# The demonstration

Everything in it is fiction: institutions, people, numbers and photographs are made from
`config/demo.toml` (seed {seed}). `make run` fills an empty database with it once. Passwords follow
one rule, used for nothing else: `{rule}`. This page is generated
(`python -m server.demo > docs/demo.md`); a test keeps it equal to the plan.
"""


_TWICE = """
Nothing is read twice here: whoever runs a service turns that on (`on_for` in
`config/second_reading.toml`), and three physicians of a panel are needed for it.
"""


def format_page(plan: DemoPlan, *, terms: Terms) -> str:
    """The page as Markdown."""
    parts = [
        _HEAD.format(seed=plan.seed, rule=_rule(plan)),
        "## Sign-ins\n",
        _sign_ins(plan, terms),
        "## Institutions and agreements\n",
        _institutions(plan),
        f"Consortium: {plan.consortium.name.zh} / {plan.consortium.name.en}.\n",
        "## Panels and clinics\n",
        _panels(plan),
        _clinics(plan),
        "## Cases\n",
        _cases(plan),
        "## The reading room\n",
        _room(plan),
        "## Patients without a case\n",
        _idle_patients(plan),
    ]
    return "\n".join(parts)


def _rule(plan: DemoPlan) -> str:
    person = plan.practitioners[0]
    return person.password.replace(person.login, "<sign-in name>")


def _sign_ins(plan: DemoPlan, terms: Terms) -> str:
    rows = []
    for person in plan.practitioners:
        acts = "; ".join(
            f"{affiliation.institution}: {', '.join(affiliation.roles)}"
            for affiliation in person.affiliations
        )
        name = f"{person.name.zh} {person.name.en}"
        title = " / ".join(
            terms.text(tongue, "title", person.title) for tongue in (CHINESE, ENGLISH)
        )
        rows.append((f"`{person.login}`", f"`{person.password}`", name, title, acts))
    return _table(("sign-in", "password", "name", "title", "acts for"), rows)


def _institutions(plan: DemoPlan) -> str:
    numbers = {agreement.inviting: agreement.number for agreement in plan.agreements}
    return _table(
        ("code", "name", "tier", "agreement"),
        (
            (f"`{at.code}`", f"{at.name.zh} / {at.name.en}", at.tier, numbers.get(at.code, ""))
            for at in plan.institutions
        ),
    )


def _panels(plan: DemoPlan) -> str:
    return _table(
        ("panel", "leader", "members", "services"),
        (
            (panel.name.zh, panel.leader, ", ".join(panel.members), ", ".join(panel.services))
            for panel in plan.panels
        ),
    )


def _clinics(plan: DemoPlan) -> str:
    return _table(
        ("clinic", "physician", "where"),
        ((clinic.name.zh, clinic.doctor, clinic.place.zh) for clinic in plan.clinics),
    )


def _cases(plan: DemoPlan) -> str:
    patients = {patient.key: patient for patient in plan.patients}
    rows = []
    for case in plan.cases:
        patient = patients[case.patient]
        grades = "—"
        if case.report is not None:
            grades = " / ".join(_grade(eye.icdr) for eye in case.report.eyes)
        rows.append(
            (
                case.key,
                case.target,
                case.service,
                case.priority,
                case.institution,
                f"{patient.name} {patient.document_number[-4:]}".strip(),
                str(len(case.images) + len(case.extra_files)),
                grades,
            )
        )
    head = ("case", "state", "service", "priority", "from", "patient", "files", "ICDR R / L")
    return _table(head, rows)


def _room(plan: DemoPlan) -> str:
    """Where each part of the reading room is to be seen."""
    return (
        _table(
            ("case", "to be seen"),
            ((case.key, each) for case in plan.cases for each in _shown(plan, case)),
        )
        + _TWICE
    )


def _shown(plan: DemoPlan, case: CasePlan) -> Iterator[str]:
    opened_at = case.steps[0].at
    earlier = [
        each.key
        for each in plan.cases
        if each.patient == case.patient and each.images and each.steps[0].at < opened_at
    ]
    if earlier:
        yield f"an earlier exam of the same eyes ({', '.join(earlier)}): side by side, by turns"
    if case.report is not None and any(eye.seen is not None for eye in case.report.eyes):
        yield "lesions ticked, the grades computed from them by the grading rules"
    if case.sheet is not None:
        marks, chosen = len(case.sheet.marks), len(case.sheet.key_images)
        yield f"{marks} marks, {chosen} key images: in the PDF and as DICOM beside the pictures"
    messages = sum(step.message is not None for step in case.steps)
    if messages:
        yield f"a discussion of {messages} messages"


def _idle_patients(plan: DemoPlan) -> str:
    busy = {case.patient for case in plan.cases}
    return _table(
        ("institution", "patient", "document"),
        (
            (patient.institution, patient.name, patient.document_number)
            for patient in plan.patients
            if patient.key not in busy
        ),
    )


def _grade(icdr: int | None) -> str:
    return "U" if icdr is None else str(icdr)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
