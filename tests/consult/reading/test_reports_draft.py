"""An expert's unfinished report and the pictures before her: her own, and whole."""

from typing import Any

import pytest

from consult.cases.images import excuses
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.cases.protocol import CaptureException, FieldCode, NoImageReason
from consult.kernel.errors import FormRefusedError, NotFoundError
from consult.kernel.eyes import Eye
from consult.queue.errors import NotOnPanelError
from consult.reports import service as reports
from consult.reports import service_looks
from consult.reports.body import body_as_json
from consult.reports.errors import (
    DraftChangedError,
)
from tests.makers.consortium import Consortium
from tests.makers.reports import (
    claim,
    full_body,
    look_at_all,
    prepare,
    problems_of,
    show,
    write,
)


def test_a_draft_is_saved_and_read_again_by_its_author(world: Consortium, case: Case) -> None:
    write(world, case, by=world.expert)

    draft = world.clinic.do(world.expert, reports.get_draft, case_id=case.id)

    assert draft is not None
    assert draft.content == body_as_json(full_body())


def test_another_expert_learns_that_a_draft_exists_but_never_reads_it(
    world: Consortium, case: Case
) -> None:
    write(world, case, by=world.expert)

    known = world.clinic.do(world.leader, reports.drafts_of, case_ids=[case.id])

    assert [draft.author_id for draft in known[case.id]] == [world.expert.person]
    assert not any(hasattr(draft, "content") for draft in known[case.id])
    assert world.clinic.do(world.leader, reports.get_draft, case_id=case.id) is None


def test_a_draft_saved_elsewhere_meanwhile_is_not_overwritten(
    world: Consortium, case: Case
) -> None:
    write(world, case, by=world.expert)

    with pytest.raises(DraftChangedError):
        write(world, case, by=world.expert, body=full_body(advice="x"), revision=0)
    assert write(world, case, by=world.expert, revision=1) == 2


def test_a_malformed_draft_is_refused_with_every_field_named(world: Consortium, case: Case) -> None:
    nonsense: dict[str, Any] = {"right": {"icdr": 9, "dme": "maybe"}, "advice": "\x00", "zzz": 1}

    with pytest.raises(FormRefusedError) as refusal:
        world.clinic.do(
            world.expert, reports.save_draft, case_id=case.id, content=nonsense, revision=0
        )

    assert set(problems_of(refusal)) == {"right.icdr", "right.dme", "advice", "zzz"}


def test_the_inviting_side_writes_no_report(world: Consortium, case: Case) -> None:
    with pytest.raises(NotOnPanelError):
        write(world, case, by=world.physician)
    with pytest.raises(NotFoundError):
        write(world, case, by=world.stranger)


def test_a_picture_not_seen_in_full_keeps_the_report_from_being_signed(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    write(world, case, by=world.expert)
    found = world.clinic.do(world.expert, images.list_case_images, case_id=case.id)
    for image in found[:3]:
        _see(world, case, image.instance.id)

    with pytest.raises(FormRefusedError) as refusal:
        show(world, case, by=world.expert)
    assert problems_of(refusal) == {f"images.{found[3].instance.id}": "image-unseen"}

    _see(world, case, found[3].instance.id)
    assert show(world, case, by=world.expert).shown_sha256


def test_a_picture_left_out_with_a_reason_is_not_relied_on(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    write(world, case, by=world.expert)
    first, *others = world.clinic.do(world.expert, images.list_case_images, case_id=case.id)
    for image in others:
        _see(world, case, image.instance.id)
    world.clinic.do(
        world.expert,
        service_looks.leave_out,
        case_id=case.id,
        instance_id=first.instance.id,
        reason="离焦",
    )

    content: Any = show(world, case, by=world.expert).content

    assert len(content["materials"]) == 3
    assert [out["reason"] for out in content["left_out"]] == ["离焦"]


def test_what_could_not_be_photographed_is_part_of_what_is_signed(
    world: Consortium, case: Case
) -> None:
    before: Any = prepare(world, case, by=world.expert).content
    assert before["not_photographed"] == []
    said = CaptureException(Eye.LEFT, FieldCode.DISC_CENTRED, NoImageReason.SMALL_PUPIL)
    world.clinic.do(world.physician, excuses.save_excuse, case=case, excuse=said)
    after: Any = show(world, case, by=world.expert).content
    assert after["not_photographed"] == [
        {"eye": "left", "field": "disc_centred", "reason": "small_pupil"}
    ]


def test_a_picture_is_written_down_as_seen_once(world: Consortium, case: Case) -> None:
    look_at_all(world, case, by=world.expert)
    look_at_all(world, case, by=world.expert)
    look_at_all(world, case, by=world.leader)

    assert world.clinic.kinds().count("image.seen") == 8


def _see(world: Consortium, case: Case, instance_id: str) -> None:
    world.clinic.do(world.expert, service_looks.note_seen, case_id=case.id, instance_id=instance_id)
