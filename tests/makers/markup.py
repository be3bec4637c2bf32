"""A world into which somebody typed markup wherever a stranger may type."""

from dataclasses import dataclass, field
from pathlib import Path

from consult.blobs.folder import FolderStore
from consult.cases import service_draft
from consult.cases.model import Case, Priority
from consult.kernel.errors import FormRefusedError, RefusedError
from consult.people.patients.model import Patient
from consult.reports.seal import load_seal
from server.settings import Settings
from tests.makers.cases import CONSULTATION_ANSWERS, citizen_number, make_draft, make_patient
from tests.makers.consortium import case_rules
from tests.makers.reports import claim, full_body, look_at_all, show, sign, write
from tests.makers.tiny_images import Darkroom
from tests.makers.world import World
from tests.makers.world_house import WorldHouse
from tests.makers.world_story import wait_for_reading

PAYLOADS = (
    "<script>window.xss=1</script>",
    '"><script>window.xss=1</script>',
    "<img src=x onerror=window.xss=1>",
    "<svg/onload=window.xss=1>",
    "' onmouseover='window.xss=1",
    '" autofocus onfocus="window.xss=1',
    "javascript:window.xss=1",
    '<a href="javascript:window.xss=1">a</a>',
    "</textarea><script>window.xss=1</script>",
    "</title><script>window.xss=1</script>",
    "--><script>window.xss=1</script><!--",
    "]]><script>window.xss=1</script>",
    "<iframe src=javascript:parent.xss=1>",
    "<details open ontoggle=window.xss=1>",
    "<math><style><img src=x onerror=xss=1>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example>",
    "{{7*7}}{% x %}${7*7}a",
    "\\u003cscript\\u003exss=1//",
    "&lt;script&gt;xss=1&lt;/script&gt;",
)


@dataclass
class Marked:
    """Where the markup went: pages about each object, and the names that registration refused."""

    world: World
    patients: list[Patient] = field(default_factory=list)
    drafts: list[Case] = field(default_factory=list)
    waiting: Case | None = None
    reported: Case | None = None
    report_id: str = ""
    refused: list[str] = field(default_factory=list)


def type_markup(house: WorldHouse) -> Marked:
    """Type every payload into every text that pages show."""
    marked = Marked(house.world)
    for number, payload in enumerate(PAYLOADS):
        patient = _register(marked, payload, number)
        marked.patients.append(patient)
        marked.drafts.append(_draft(marked, patient, payload))
    _send(marked, house.house.data_dir)
    return marked


def _register(marked: Marked, payload: str, number: int) -> Patient:
    """The payload is the name, or the address where registration refuses such a name."""
    told = {
        "document_number": citizen_number(300 + 2 * number, birth="19611111"),
        "address": payload,
    }
    try:
        return make_patient(marked.world.consortium, name=payload, **told)
    except (RefusedError, FormRefusedError):
        marked.refused.append(payload)
        return make_patient(marked.world.consortium, name="无标记", **told)


def _draft(marked: Marked, patient: Patient, payload: str) -> Case:
    near = marked.world.consortium
    answers = CONSULTATION_ANSWERS | {"reason": payload, "purpose": payload, "summary": payload}
    do, by = near.clinic.do, near.physician
    case = make_draft(near, patient)
    case = do(
        by,
        service_draft.save_answers,
        case_id=case.id,
        revision=case.revision,
        answers=answers,
        question=None,
        rules=case_rules(),
    )
    return do(
        by,
        service_draft.override_priority,
        case_id=case.id,
        revision=case.revision,
        priority=Priority.URGENT,
        reason=payload,
    )


def _send(marked: Marked, data_dir: Path) -> None:
    """One case waits for reading with a draft report full of markup, one is signed with it."""
    darkroom = Darkroom(marked.world.consortium, FolderStore(data_dir / "blobs"))
    seal = load_seal(Settings(data_dir=data_dir).key_file.parent)
    text = "\n".join(PAYLOADS)
    body = full_body(impression=text, answer=text, advice=text, limits=text)
    cases = []
    for patient in marked.patients[2:4]:
        case = wait_for_reading(marked.world, patient, darkroom)
        near = marked.world.consortium  # its time is after the grants that the case brought
        claim(near, case, by=near.expert)
        look_at_all(near, case, by=near.expert)
        write(near, case, by=near.expert, body=body)
        cases.append(case)
    marked.waiting, marked.reported = cases
    near = marked.world.consortium
    shown = show(near, marked.reported, by=near.expert)
    marked.report_id = sign(near, marked.reported, by=near.expert, shown=shown, seal=seal).id
