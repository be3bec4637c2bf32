"""A case sent back by eye and field: who answers, what pauses, what takes whose place (U6)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases import service_end
from consult.cases.consents import service as consents
from consult.cases.images import service as images
from consult.cases.images import service_move
from consult.cases.images.model import CaseImage
from consult.cases.model import Case, CaseStatus
from consult.cases.protocol import CaptureException, FieldCode, NoImageReason
from consult.cases.returns import service as returns
from consult.cases.returns.errors import AskedTwiceError, NothingAskedError
from consult.cases.returns.model import ItemKind, ReturnEnd, ReturnItem, Wanted, expires_at
from consult.dossiers import service as dossiers
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.work import Actor, Work
from consult.people.organisations import panels
from consult.queue import service_return, worklist
from consult.queue.errors import CaseKeptError, CaseNotYoursError, NotPanelLeaderError
from consult.reports import service as reports
from consult.reports.seal import load_seal
from consult.studies import service as studies
from tests.makers.cases import citizen_number, sees, submit
from tests.makers.consortium import Consortium, case_rules
from tests.makers.reports import (
    claim,
    full_body,
    look_at_all,
    make_read_case,
    off_panel,
    problems_of,
    queue_limits,
    show,
    sign,
    write,
)
from tests.makers.returns import (
    LEFT_MACULA,
    RIGHT_DISC,
    add_expert,
    coordinator,
    later,
    photograph,
    send_back,
)

HISTORY = ReturnItem(ItemKind.OTHER, "history")


@pytest.fixture
def taken(world: Consortium) -> Case:
    """A case that the expert has taken."""
    return claim(world, make_read_case(world), by=world.expert)


def resubmit(world: Consortium, case: Case, *asked: ReturnItem) -> Case:
    """The clinic photographs what is asked for and sends the case again."""
    photograph(world, case, *(asked or (LEFT_MACULA,)))
    return submit(world, case)


def test_a_returned_case_is_the_requesting_physicians_with_the_list(
    world: Consortium, taken: Case
) -> None:
    returned = send_back(world, taken, LEFT_MACULA, RIGHT_DISC, HISTORY, note="散瞳后复拍")

    assert (returned.status, returned.owner_id) == (CaseStatus.RETURNED, world.physician.person)
    assert returned.retake
    for side in (world.physician, world.expert):
        [told] = world.clinic.do(side, returns.list_returns, case_id=taken.id)
        assert told.items == (LEFT_MACULA, RIGHT_DISC, HISTORY)
        assert (told.note, told.returned_by) == ("散瞳后复拍", world.expert.person)
    line = next(line for line in world.clinic.lines() if line.kind == "case.returned")
    assert line.codes["items"] == (
        "left/macula_centred:out_of_focus right/disc_centred:field_incomplete other:history"
    )
    assert line.words == {"reason": "散瞳后复拍"}


def test_the_clinic_photographs_again_and_the_same_expert_signs(
    world: Consortium, taken: Case, tmp_path: Path
) -> None:
    write(world, taken, by=world.expert, body=full_body(impression="待复拍"))
    back = send_back(world, taken)
    draft = world.clinic.do(world.expert, reports.get_draft, case_id=taken.id)
    assert draft is not None
    next_day = later(world, hours=20)
    again = resubmit(next_day, back)

    assert (again.number, again.status) == (taken.number, CaseStatus.ASSIGNED)
    assert (again.submitted_at, again.retake) == (taken.submitted_at, False)
    claim(next_day, again, by=world.expert)
    kept = next_day.clinic.do(world.expert, reports.get_draft, case_id=taken.id)
    assert kept is not None
    assert kept.content["impression"] == "待复拍"
    look_at_all(next_day, again, by=world.expert)
    write(next_day, again, by=world.expert, revision=kept.revision)
    shown = show(next_day, again, by=world.expert)
    report = sign(next_day, again, by=world.expert, shown=shown, seal=load_seal(tmp_path))
    assert report.version == 1


def test_a_retake_in_another_study_opens_to_the_expert_once_it_is_sent(
    world: Consortium, taken: Case
) -> None:
    back = send_back(world, taken)
    next_day = later(world, hours=20)
    [new] = photograph(next_day, back, LEFT_MACULA)
    assert unsent(next_day, back, by=world.expert) == {new}
    assert unsent(next_day, back, by=world.physician) == set()
    again = submit(next_day, back)
    assert unsent(next_day, again, by=world.expert) == set()


def unsent(world: Consortium, case: Case, *, by: Actor) -> set[str]:
    """The images whose picture this reader is not given."""

    def ask(work: Work) -> frozenset[str]:
        found = images.list_every_image(work, case.id)
        return images.list_unsent(work, cases.get_case(work, case.id), found)

    return set(world.clinic.do(by, ask))


def test_the_retake_takes_the_place_and_the_old_picture_stays(
    world: Consortium, taken: Case
) -> None:
    before = {image.id: image for image in list_images(world, taken)}
    [old] = [
        image
        for image in before.values()
        if (image.eye, image.field) == (Eye.LEFT, FieldCode.MACULA_CENTRED)
    ]
    back = send_back(world, taken)
    next_day = later(world, hours=20)
    [new] = photograph(next_day, back, LEFT_MACULA)
    assert old.id in {image.id for image in list_images(next_day, taken)}
    submit(next_day, back)

    standing = {image.id for image in list_images(next_day, taken)}
    assert standing == (set(before) - {old.id}) | {new}
    every = next_day.clinic.do(world.expert, images.list_every_image, case_id=taken.id)
    kept = next(image for image in every if image.id == old.id)
    assert (kept.row.replaced_by, kept.row.replaced_at) == (new, next_day.clinic.now)
    assert kept.position == old.position
    assert next_day.clinic.do(world.expert, images.count_images, case_ids=[taken.id]) == {
        taken.id: len(before)
    }
    assert next_day.clinic.do(
        world.expert, dossiers.find_original, case_id=taken.id, image_id=old.id
    )
    [line] = [line for line in next_day.clinic.lines() if line.kind == "image.replaced"]
    assert (line.codes["image"], line.codes["replaced_by"]) == (old.id, new)


def test_a_replaced_picture_is_not_removed_any_more(world: Consortium, taken: Case) -> None:
    next_day = later(world, hours=20)
    again = resubmit(next_day, send_back(world, taken))
    every = next_day.clinic.do(world.expert, images.list_every_image, case_id=taken.id)
    [old] = [image.id for image in every if image.row.replaced_at is not None]
    claim(next_day, again, by=world.expert)
    send_back(next_day, again)
    with pytest.raises(NotFoundError):
        later(next_day, hours=1).clinic.do(
            world.physician,
            service_move.remove_images,
            case_id=taken.id,
            image_ids=[old],
            reason="x",
        )


def test_a_retake_that_a_reader_has_seen_stays_stored_when_it_is_taken_out(
    world: Consortium, taken: Case
) -> None:
    next_day = later(world, hours=20)
    back = send_back(world, taken)
    [new] = photograph(next_day, back, LEFT_MACULA)
    claim(next_day, submit(next_day, back), by=world.expert)
    [seen] = [image for image in list_images(next_day, taken) if image.id == new]
    send_back(next_day, taken)
    later(next_day, hours=1).clinic.do(
        world.physician,
        service_move.remove_images,
        case_id=taken.id,
        image_ids=[new],
        reason="离焦",
    )
    assert new not in {image.id for image in list_images(next_day, taken)}
    assert next_day.clinic.system(studies.get_instance, instance_id=seen.instance.id)


def test_nothing_is_sent_again_before_the_list_is_answered(world: Consortium, taken: Case) -> None:
    back = send_back(world, taken, LEFT_MACULA, RIGHT_DISC)
    next_day = later(world, hours=3)
    photograph(next_day, back, LEFT_MACULA)

    with pytest.raises(FormRefusedError) as refusal:
        submit(next_day, back)
    assert problems_of(refusal) == {"images.right.disc_centred": "return-image-open"}

    next_day.clinic.do(
        world.physician,
        images.excuse_field,
        case_id=taken.id,
        excuse=CaptureException(Eye.RIGHT, FieldCode.DISC_CENTRED, NoImageReason.SMALL_PUPIL),
    )
    assert submit(next_day, back).status is CaseStatus.ASSIGNED


def test_an_answer_that_is_asked_for_is_answered_first(world: Consortium, taken: Case) -> None:
    wanted = ReturnItem(ItemKind.ANSWER, "hba1c")
    back = send_back(world, taken, wanted)
    assert not back.retake
    with pytest.raises(FormRefusedError) as refusal:
        submit(later(world, hours=1), back)
    assert problems_of(refusal) == {"answers.hba1c": "return-answer-open"}


@pytest.mark.parametrize("returns_at_all", [1, 3])
def test_the_promise_stands_still_while_the_clinic_has_the_case(
    world: Consortium, taken: Case, returns_at_all: int
) -> None:
    assert taken.report_by is not None
    assert taken.accept_by is not None
    case, near, away = taken, world, timedelta()
    for _ in range(returns_at_all):
        back = send_back(near, case)
        near, away = later(near, hours=9), away + timedelta(hours=9)  # all in one week
        case = claim(near, resubmit(near, back), by=world.expert)
        near = later(near, minutes=7)
    assert case.report_by == taken.report_by + away
    assert case.accept_by == taken.accept_by + away


def test_a_case_that_came_back_is_kept_for_who_asked(world: Consortium, taken: Case) -> None:
    beside = add_expert(world)
    back = send_back(world, taken)
    next_day = later(world, hours=2)
    again = resubmit(next_day, back)

    with pytest.raises(CaseKeptError):
        claim(next_day, again, by=beside)
    [item] = next_day.clinic.do(world.expert, worklist.list_worklist, limits=queue_limits())
    assert item.kept is not None
    assert item.kept.expert_id == world.expert.person
    hours = case_rules().returns.kept_for_expert
    assert item.kept.until == next_day.clinic.now + hours
    evening = later(next_day, seconds=hours.total_seconds())
    assert claim(evening, again, by=beside).owner_id == beside.person


def test_the_leader_takes_it_at_once_where_she_must(world: Consortium, taken: Case) -> None:
    back = send_back(world, taken)
    next_day = later(world, hours=2)
    again = resubmit(next_day, back)
    assert claim(next_day, again, by=world.leader).owner_id == world.leader.person


def test_a_case_is_kept_for_nobody_who_has_left_the_panel(world: Consortium, taken: Case) -> None:
    beside = add_expert(world)
    back = send_back(world, taken)
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    world.clinic.system(
        panels.end_panel_member,
        panel_id=panel.id,
        revision=panel.revision,
        practitioner_id=world.expert.person,
    )
    next_day = later(world, hours=2)
    again = resubmit(next_day, back)
    assert claim(next_day, again, by=beside).owner_id == beside.person


def test_only_the_holder_returns_a_taken_case(world: Consortium, taken: Case) -> None:
    with pytest.raises(CaseNotYoursError):
        send_back(world, taken, by=world.leader)
    with pytest.raises(CaseNotYoursError):
        send_back(later(world, minutes=61), taken)
    assert send_back(world, taken).status is CaseStatus.RETURNED
    with pytest.raises(NotPanelLeaderError):
        send_back(world, taken)


def test_a_waiting_case_is_returned_by_leader_or_coordinator(world: Consortium) -> None:
    case = make_read_case(world)
    for nobody in (world.expert, off_panel(world.expert), world.physician):
        with pytest.raises(NotPanelLeaderError):
            send_back(world, case, by=nobody)
    away = coordinator(world, at=world.centre_id, login="nah")
    with pytest.raises(NotPanelLeaderError):
        send_back(world, case, by=away)
    near = coordinator(world)
    listed = world.clinic.do(near, worklist.list_worklist, limits=queue_limits())
    assert [item.case.id for item in listed] == [case.id]
    assert world.clinic.do(near, service_return.may_return, case=case)
    returned = send_back(world, case, by=near)
    assert returned.owner_id == world.physician.person
    next_day = later(world, hours=5)
    again = resubmit(next_day, returned)
    [item] = next_day.clinic.do(world.expert, worklist.list_worklist, limits=queue_limits())
    assert (again.status, item.kept) == (CaseStatus.ASSIGNED, None)


@pytest.mark.parametrize(
    ("items", "error"),
    [
        ([], NothingAskedError),
        ([LEFT_MACULA, LEFT_MACULA], AskedTwiceError),
        (
            [LEFT_MACULA, ReturnItem(ItemKind.IMAGE, "dirt", Eye.LEFT, FieldCode.MACULA_CENTRED)],
            AskedTwiceError,
        ),
        (
            [ReturnItem(ItemKind.IMAGE, "ugly", Eye.LEFT, FieldCode.MACULA_CENTRED)],
            RefusedError,
        ),
        ([ReturnItem(ItemKind.IMAGE, "dirt", None, FieldCode.MACULA_CENTRED)], RefusedError),
        ([ReturnItem(ItemKind.IMAGE, "dirt")], RefusedError),
        ([ReturnItem(ItemKind.ANSWER, "no_such_question")], RefusedError),
        ([ReturnItem(ItemKind.OTHER, "no_such_thing")], RefusedError),
        ([ReturnItem(ItemKind.OTHER, "history", Eye.LEFT)], RefusedError),
    ],
)
def test_a_list_that_says_nothing_or_nonsense_is_refused(
    world: Consortium, taken: Case, items: list[ReturnItem], error: type[RefusedError]
) -> None:
    with pytest.raises(error):
        world.clinic.do(
            world.expert,
            service_return.return_case,
            case_id=taken.id,
            wanted=Wanted(tuple(items)),
            rules=case_rules(),
        )
    assert world.clinic.do(world.expert, returns.list_returns, case_id=taken.id) == []
    assert claim(world, taken, by=world.expert).status is CaseStatus.ACCEPTED


def test_a_case_that_nobody_sends_again_ends_as_not_retaken(world: Consortium, taken: Case) -> None:
    send_back(world, taken)
    [back] = world.clinic.do(world.physician, returns.list_returns, case_id=taken.id)
    last = world.clinic.at(back.expires_at - timedelta(seconds=1))
    assert last.system(returns.expire_returned) == 0
    over = world.clinic.at(back.expires_at)
    assert [over.system(returns.expire_returned) for _ in range(2)] == [1, 0]

    case = over.do(world.physician, cases.get_case, case_id=taken.id)
    assert (case.status, case.owner_id) == (CaseStatus.EXPIRED, None)
    [ended] = over.do(world.physician, returns.list_returns, case_id=taken.id)
    assert ended.ended_how is ReturnEnd.EXPIRED
    with pytest.raises(NotFoundError):  # like any case that ends unanswered
        over.do(world.expert, cases.get_case, case_id=taken.id)
    [line] = [line for line in over.lines() if line.kind == "case.expired"]
    assert (line.reason, line.practitioner_id) == ("not_retaken", None)


def test_the_last_day_is_whole_where_the_clinic_is() -> None:
    evening = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)  # the 6th, 04:00 in Shanghai
    found = expires_at(evening, wait_days=14, zone="Asia/Shanghai")
    assert found.astimezone(UTC) == datetime(2026, 1, 20, 16, 0, tzinfo=UTC)


def test_the_list_of_patients_to_be_called_holds_those_that_wait(world: Consortium) -> None:
    first, second, third = (
        claim(
            world,
            make_read_case(world, name=name, document_number=citizen_number(sequence)),
            by=world.expert,
        )
        for name, sequence in (("张桂英", 2), ("李秀珍", 4), ("王春花", 6))
    )
    send_back(world, first)
    send_back(world, second, HISTORY)
    send_back(world, third)
    listed = world.clinic.do(world.photographer, returns.list_to_retake)
    assert [case.id for case, _back in listed] == [first.id, third.id]
    assert world.clinic.do(world.physician, returns.count_to_retake) == 2
    more = world.clinic.do(world.physician, returns.list_to_retake, after=first.id)
    assert [case.id for case, _back in more] == [third.id]
    assert world.clinic.do(world.stranger, returns.list_to_retake) == []
    world.clinic.do(world.physician, returns.note_printed, printed=listed)
    printed = [line for line in world.clinic.lines() if line.kind == "case.retake_listed"]
    assert {line.case_id for line in printed} == {first.id, third.id}


def test_a_returned_case_is_withdrawn_and_its_return_ends(world: Consortium, taken: Case) -> None:
    back = send_back(world, taken)
    world.clinic.do(
        world.physician,
        service_end.withdraw_case,
        case_id=taken.id,
        revision=back.revision,
        reason="患者已转院",
    )
    [ended] = world.clinic.do(world.physician, returns.list_returns, case_id=taken.id)
    assert ended.ended_how is ReturnEnd.WITHDRAWN
    assert world.clinic.do(world.physician, returns.list_to_retake) == []
    assert not sees(world, world.expert, ObjectType.CASE, taken.id)


def test_a_withdrawn_consent_ends_the_return_of_a_returned_case(
    world: Consortium, taken: Case
) -> None:
    send_back(world, taken)
    do, by = world.clinic.do, world.physician
    (consent,) = do(by, consents.list_consents, patient_id=taken.patient_id)
    do(by, consents.withdraw_consent, consent_id=consent.id, reason="患者要求")
    [ended] = do(by, returns.list_returns, case_id=taken.id)
    assert ended.ended_how is ReturnEnd.WITHDRAWN
    assert do(by, returns.list_to_retake) == []


def list_images(world: Consortium, case: Case) -> list[CaseImage]:
    """The images that hold."""
    return world.clinic.do(world.expert, images.list_case_images, case_id=case.id)
