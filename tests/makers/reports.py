"""Cases with photographs, taken and read by experts, for tests: all through the services."""

from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

import pytest

from consult.blobs.store import BlobRef
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.images import service_confirm, service_take
from consult.cases.images.model import Arrival, Evidence, ImageRules, Source
from consult.cases.model import Case, ServiceType
from consult.cases.protocol import FieldCode
from consult.kernel.errors import FormRefusedError
from consult.kernel.eyes import Eye
from consult.kernel.ids import new_id
from consult.kernel.work import Actor
from consult.queue import service as queue
from consult.queue.model import QueueLimits
from consult.reports import service as reports
from consult.reports import service_amend, service_looks, service_retract, service_sign
from consult.reports.body import body_as_json
from consult.reports.model import (
    Dme,
    ReferralNeed,
    ReferralUrgency,
    ReportBody,
    RetractionCause,
)
from consult.reports.seal import Seal
from consult.reports.service_retract import Retraction
from consult.reports.signing import BY_PASSWORD, Proof
from consult.reports.versions import Preview, Report, ReportRules
from consult.studies.model import (
    Captured,
    CapturedSource,
    Description,
    Origin,
    Part,
    Received,
    Uids,
)
from server.rules.reports import load_queue_limits, load_report_rules
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    SCREENING_ANSWERS,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    submit,
)
from tests.makers.clinic import Clinic
from tests.makers.consortium import CONFIG, Consortium, case_rules
from tests.makers.readings import graded

DIAGNOSIS_ANSWERS = {
    "purpose": "请出具眼底影像诊断意见。",
    "summary": "2 型糖尿病 11 年",
    "red_flags": ["none"],
}
_ANSWERS: Mapping[ServiceType, dict[str, Any]] = {
    ServiceType.SCREENING_READ: SCREENING_ANSWERS,
    ServiceType.REMOTE_DIAGNOSIS: DIAGNOSIS_ANSWERS,
    ServiceType.REMOTE_CONSULTATION: CONSULTATION_ANSWERS,
}
_FIELDS = tuple(
    (eye, field) for field in (FieldCode.MACULA_CENTRED, FieldCode.DISC_CENTRED) for eye in Eye
)


@cache
def queue_limits() -> QueueLimits:
    """How long a lease lasts in config/."""
    return load_queue_limits(CONFIG)


@cache
def report_rules(service_type: ServiceType) -> ReportRules:
    """The rules of reports in config/."""
    return load_report_rules(CONFIG)[service_type]


def make_read_case(
    world: Consortium, *, service_type: ServiceType = ServiceType.REMOTE_DIAGNOSIS, **changes: Any
) -> Case:
    """A submitted case with the photographs that its protocol asks for."""
    patient = make_patient(world, **changes)
    give_consent(world, patient)
    case = make_draft(world, patient, service_type=service_type)
    add_photographs(world, case)
    return submit(world, fill_in(world, case, _ANSWERS[service_type]))


def add_photographs(world: Consortium, case: Case) -> None:
    """Macula and disc of both eyes, confirmed; the bytes behind them are nobody's."""
    arrivals = [arrival(world, eye, field) for eye, field in _FIELDS]
    protocol = case_rules().protocol_of(case.service_type)
    do, by = world.clinic.do, world.physician
    do(
        by,
        service_take.take_in_images,
        case_id=case.id,
        received=arrivals,
        rules=ImageRules(own_window_min=30, longest_window_min=240),
    )
    found = do(by, images.list_case_images, case_id=case.id, protocol=protocol)
    do(
        by,
        service_confirm.confirm_set,
        case_id=case.id,
        said=[service_confirm.Said(each.id, each.eye, each.field) for each in found],
        relabelled=[],
        protocol=protocol,
    )


def full_body(*, need: ReferralNeed = ReferralNeed.REFER, **changes: Any) -> ReportBody:
    """A report that every form lets be signed: left eye moderate NPDR, right eye clean."""
    told: dict[str, Any] = {
        "right": graded(),
        "left": graded(2, Dme.SUSPECTED, findings="微血管瘤，硬性渗出"),
        "diagnoses": ("E11.3", "H36.0"),
        "impression": "左眼中度非增生型糖尿病视网膜病变",
        "answer": "左眼视力下降与黄斑水肿可能有关",
        "advice": "4 周内到眼底病科就诊",
        "referral_need": need,
        "referral_urgency": ReferralUrgency.ROUTINE,
        "interval_months": 3,
        "override_reason": "",
        "limits": "仅依据所列影像",
    }
    return ReportBody(**{**told, **changes})


def claim(world: Consortium, case: Case, *, by: Actor, clinic: Clinic | None = None) -> Case:
    """Take it."""
    return (clinic or world.clinic).do(by, queue.claim_case, case_id=case.id, limits=queue_limits())


def write(
    world: Consortium, case: Case, *, by: Actor, body: ReportBody | None = None, revision: int = 0
) -> int:
    """Save a draft; the answer is its new revision."""
    saved = world.clinic.do(
        by,
        reports.save_draft,
        case_id=case.id,
        content=body_as_json(body or full_body()),
        revision=revision,
    )
    return saved.revision


def look_at_all(world: Consortium, case: Case, *, by: Actor) -> None:
    """Have every picture before her in full."""
    for image in world.clinic.do(by, images.list_case_images, case_id=case.id):
        world.clinic.do(by, service_looks.note_seen, case_id=case.id, instance_id=image.instance.id)


def prepare(world: Consortium, case: Case, *, by: Actor, body: ReportBody | None = None) -> Preview:
    """Take, look, write: ready to be signed."""
    claim(world, case, by=by)
    look_at_all(world, case, by=by)
    write(world, case, by=by, body=body)
    return show(world, case, by=by)


def show(world: Consortium, case: Case, *, by: Actor) -> Preview:
    """What would be signed."""
    return world.clinic.do(
        by, service_sign.preview, case_id=case.id, rules=report_rules(case.service_type)
    )


def sign(
    world: Consortium, case: Case, *, by: Actor, shown: Preview, seal: Seal, **changes: Any
) -> Report:
    """Sign what was shown."""
    told = {
        "shown_sha256": shown.shown_sha256,
        "rules": report_rules(case.service_type),
        **changes,
    }
    return world.clinic.do(
        by,
        service_sign.sign_report,
        case_id=case.id,
        seal=seal,
        **told,
    )


def make_signed(
    world: Consortium, *, seal: Seal, by: Actor | None = None, body: ReportBody | None = None
) -> Report:
    """A report on a fresh case, signed by the panel's expert."""
    case, expert = make_read_case(world), by or world.expert
    return sign(world, case, by=expert, shown=prepare(world, case, by=expert, body=body), seal=seal)


def amend(
    world: Consortium,
    report: Report,
    *,
    seal: Seal,
    reason: str = "复核更正",
    proof: Proof = BY_PASSWORD,
    **changes: Any,
) -> Report:
    """Its author signs an amended version."""
    by = replace(world.expert, practitioner_id=report.author_id)
    case = world.clinic.do(by, cases.get_case, case_id=report.case_id)
    draft = world.clinic.do(by, service_amend.begin_amendment, case_id=case.id)
    body = full_body(amendment_reason=reason, **changes)
    write(world, case, by=by, body=body, revision=draft.revision)
    return sign(world, case, by=by, shown=show(world, case, by=by), seal=seal, proof=proof)


def retract(
    world: Consortium,
    report: Report,
    *,
    seal: Seal,
    by: Actor | None = None,
    proof: Proof = BY_PASSWORD,
    **changes: Any,
) -> Report:
    """Take it back."""
    said = {
        "cause": RetractionCause.WRONG_PATIENT,
        "reason": "照片属于另一位患者",
        "of_sha256": report.sha256,
    }
    return world.clinic.do(
        by or world.expert,
        service_retract.retract_report,
        case_id=report.case_id,
        said=Retraction(**{**said, **changes}),
        rules=report_rules(report.service_type),
        seal=seal,
        proof=proof,
    )


def off_panel(actor: Actor) -> Actor:
    """The same person, who does not sit on the panel any more."""
    return replace(actor, panel_ids=frozenset())


def arrival(world: Consortium, eye: Eye, field: FieldCode) -> Arrival:
    """A photograph whose header names eye and field; the bytes behind it are nobody's."""
    uid = f"2.25.{int(new_id(), 16)}"
    digest = sha256(uid.encode()).hexdigest()
    captured = Captured(world.clinic.now, CapturedSource.FILE, "Asia/Shanghai")
    return Arrival(
        file_name=f"{eye}-{field}.jpg",
        received=Received(
            uids=Uids(f"{uid}.1", f"{uid}.2", uid),
            source_sha256=digest,
            description=Description(
                origin=Origin.PHOTOGRAPH,
                sop_class_uid="1.2.840.10008.5.1.4.1.1.77.1.5.1",
                transfer_syntax_uid="1.2.840.10008.1.2.4.50",
                modality="OP",
                rows=1200,
                columns=1600,
                frames=1,
                captured=captured,
                laterality=eye.laterality,
            ),
            blobs={
                part: BlobRef(f"{world.centre_id}/{new_id()}", 9, digest, b"w") for part in Part
            },
        ),
        evidence=Evidence(eyes={Source.TAG: eye}, fields={Source.TAG: field}),
    )


def problems_of(refusal: "pytest.ExceptionInfo[FormRefusedError]") -> dict[str, str]:
    """Field and code of everything that was refused."""
    return {problem.field: problem.code for problem in refusal.value.problems}


def at_once(count: int, start: Any) -> "list[Future[Any]]":
    """Start a step this many times and wait for all of them."""
    futures = [start() for _ in range(count)]
    wait(futures, timeout=60)
    return futures
