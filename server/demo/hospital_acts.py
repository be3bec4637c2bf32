"""What the experts do in the demonstration: take, decline, read, sign."""

from dataclasses import replace
from typing import Final

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import CaseStatus
from consult.cases.returns.model import Wanted
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId
from consult.kernel.work import Work
from consult.queue import service as queue
from consult.queue import service_leader, service_return
from consult.reports import service as reports
from consult.reports import service_looks, service_sign
from consult.reports.body import body_as_json
from server.demo.alert_acts import tell_by_telephone
from server.demo.case_model import TurnPlan
from server.demo.report_body import body_of
from server.demo.room_acts import draw
from server.demo.stage import Scene

_BEING_READ: Final = frozenset({CaseStatus.ACCEPTED, CaseStatus.READING})


def claim(work: Work, scene: Scene) -> None:
    """Look at the case and take it.

    One that the demonstration shows as being read is kept for its reader some days, since nobody
    sits before it to renew the lease.
    """
    case_id, stage = CaseId(scene.case_id), scene.stage
    cases.open_case_page(work, case_id)
    limits = stage.rules.queue
    if scene.case.target in _BEING_READ:
        limits = replace(limits, lease=stage.now - work.now + stage.plan.claims_last)
    queue.claim_case(work, case_id=case_id, limits=limits)


def decline(work: Work, scene: Scene) -> None:
    """Decline the case with its reason."""
    queue.decline_case(
        work,
        case_id=CaseId(scene.case_id),
        reason=_turn_of(scene).reason if scene.step.turn else scene.case.reason or "",
        limits=scene.stage.rules.queue,
    )


def send_on(work: Work, scene: Scene) -> None:
    """Put a declined case before the panel again."""
    service_leader.send_on(work, case_id=CaseId(scene.case_id))


def send_back(work: Work, scene: Scene) -> None:
    """Send the case back for new photographs."""
    turn = _turn_of(scene)
    service_return.return_case(
        work,
        case_id=CaseId(scene.case_id),
        wanted=Wanted(turn.asked, turn.reason),
        rules=scene.stage.rules.cases,
    )


def forward(work: Work, scene: Scene) -> None:
    """Send the case to another panel."""
    turn = _turn_of(scene)
    service_leader.forward_case(
        work,
        case_id=CaseId(scene.case_id),
        to_panel_id=scene.world.panels[turn.panel or ""],
        reason=turn.reason,
    )


def _turn_of(scene: Scene) -> TurnPlan:
    if scene.step.turn is None:
        raise LookupError(scene.case.key)
    return scene.step.turn


def draft_report(work: Work, scene: Scene) -> None:
    """Begin to read: the right eye is looked at, marks are drawn, the report is written down."""
    queue.start_reading(work, case_id=CaseId(scene.case_id))
    plan = scene.case.report
    if plan is None:
        raise LookupError(scene.case.key)
    rules = scene.stage.rules.reports[scene.case.service]
    _look(work, scene, eyes={Eye.RIGHT})
    if scene.case.sheet is not None:
        draw(work, scene, scene.case.sheet)
    content = body_as_json(body_of(plan, rules.form, lesions=rules.grades.lesions))
    reports.save_draft(work, case_id=scene.case_id, content=content, revision=0)


def sign(work: Work, scene: Scene) -> None:
    """Look at the rest, and sign what is shown; what cannot wait is told by telephone."""
    _look(work, scene, eyes={Eye.LEFT, None})
    rules = scene.stage.rules.reports[scene.case.service]
    shown = service_sign.preview(work, case_id=scene.case_id, rules=rules)
    service_sign.sign_report(
        work,
        case_id=scene.case_id,
        shown_sha256=shown.shown_sha256,
        rules=rules,
        seal=scene.stage.seal,
    )
    tell_by_telephone(work, scene)


def _look(work: Work, scene: Scene, *, eyes: set[Eye | None]) -> None:
    for image in images.list_case_images(work, scene.case_id):
        if image.eye in eyes and image.instance.has_picture:
            service_looks.note_seen(work, case_id=scene.case_id, instance_id=image.instance.id)
