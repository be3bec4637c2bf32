"""What a reader draws: kept whole, never overwritten silently, and under the signature."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from consult.annotations import service as annotations
from consult.annotations import store as sheets
from consult.annotations.audit import MarksTold, check_sheets
from consult.annotations.content import hash_of
from consult.annotations.errors import MarksMovedOnError
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import FormRefusedError, NotFoundError
from consult.kernel.faults import Fault
from consult.kernel.work import Work
from consult.queue.errors import CaseNotYoursError, NotOnPanelError
from consult.reports import service_amend, service_looks, service_marks
from consult.reports.changes import changes_in
from consult.reports.errors import ShownChangedError
from consult.reports.seal import SystemSeal
from consult.reports.signed_marks import broken_marks, find_marks
from consult.reports.verify import broken_parts, content_of
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.marks import draw, every_tool, lesions, make_marked, mark, pictures
from tests.makers.reports import (
    amend,
    at_once,
    claim,
    make_read_case,
    make_signed,
    off_panel,
    prepare,
    problems_of,
    retract,
    show,
    sign,
)


def first_image(world: Consortium, case: Case) -> str:
    return pictures(world, case, by=world.expert)[0].id


def test_every_kept_saving_is_held_to_its_line_in_the_journal(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    image_id = first_image(world, case)
    for revision in range(sheets.MOST_REVISIONS + 2):
        marks = [mark(image_id, "point", points=[[revision, 1]])]
        draw(world, case, by=world.expert, marks=marks, revision=revision)
    told = MarksTold()
    for line in world.clinic.lines():
        told.note(line)
    key = str(case.id), str(world.expert.person)
    assert len(told.saved[key]) == sheets.MOST_REVISIONS, "what is kept no more is not asked for"
    assert not _faults(world, told, case)
    told.saved[key][10] = told.saved[key][11]
    assert _faults(world, told, case) == [Fault("marks-earlier", f"{' '.join(key)} 10")]
    listed = world.clinic.do(world.expert, annotations.list_own_revisions, case=case)
    newest = sheets.MOST_REVISIONS + 2
    assert [each.number for each in listed] == list(range(newest, 2, -1))
    old = world.clinic.do(world.expert, annotations.own_revision, case=case, revision=3)
    assert old is not None
    assert old.drawing.marks[0].points == ((2.0, 1.0),)
    for gone in (2, newest + 1):
        found = world.clinic.do(world.expert, annotations.own_revision, case=case, revision=gone)
        assert found is None


def _faults(world: Consortium, told: MarksTold, case: Case) -> list[Fault]:
    found = world.clinic.system(lambda work: list(check_sheets(work.session, told)))
    return [each for each in found if isinstance(each, Fault) and case.id in each.place]


def test_a_sheet_comes_back_with_its_author_eye_and_numbers(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    image = pictures(world, case, by=world.expert)[0]
    told = every_tool(image.id)
    saved = draw(world, case, by=world.expert, marks=told, key_images=[image.id]).sheets[0]

    found = world.clinic.do(world.expert, service_marks.list_marks, case_id=case.id)
    own = found.sheets[0]
    assert (own.revision, own.sha256) == (1, saved.sha256)
    assert [list(map(list, each.points)) for each in own.drawing.marks] == [
        each["points"] for each in told
    ]
    assert {each.eye for each in own.drawing.marks} == {image.eye}
    assert own.drawing.key_images == (image.id,)
    assert (
        found.names[own.reader_id].name
        == world.clinic.do(world.expert, service_marks.list_marks, case_id=case.id)
        .names[own.reader_id]
        .name
    )
    line = [each for each in world.clinic.lines() if each.kind == "marks.saved"][-1]
    assert line.codes == {"revision": 1, "sha256": own.sha256, "marks": 10, "key_images": 1}


def test_of_two_windows_one_is_told_and_nothing_is_lost(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    image_id = first_image(world, case)
    draw(world, case, by=world.expert, marks=[mark(image_id)])
    for stale in (0, 2, 7):
        with pytest.raises(MarksMovedOnError) as refusal:
            draw(world, case, by=world.expert, revision=stale)
        assert refusal.value.have == 1
    found = world.clinic.do(world.expert, service_marks.list_marks, case_id=case.id)
    assert len(found.sheets[0].drawing.marks) == 1


def test_of_many_savings_at_once_one_wins_each_revision(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    image_id = first_image(world, case)
    for revision in range(3):
        started = at_once(
            6,
            lambda revision=revision: world.clinic.start(
                world.expert,
                service_marks.save_marks,
                case_id=case.id,
                revision=revision,
                told={"marks": [mark(image_id)], "key_images": []},
                lesions=lesions(),
            ),
        )
        refusals = [each.exception() for each in started]
        assert sum(refusal is None for refusal in refusals) == 1
        assert all(isinstance(each, MarksMovedOnError) for each in refusals if each is not None)


def test_a_bad_mark_stores_nothing_of_the_sheet(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    image_id = first_image(world, case)
    other = make_read_case(world, document_number=citizen_number(71))
    foreign = first_image(world, other)
    with pytest.raises(FormRefusedError) as refusal:
        draw(
            world,
            case,
            by=world.expert,
            marks=[mark(image_id), mark(foreign, number=2)],
            key_images=[foreign],
        )
    assert problems_of(refusal) == {"marks.1.image_id": "mark-image", "key_images.0": "mark-image"}
    found = world.clinic.do(world.expert, service_marks.list_marks, case_id=case.id)
    assert (found.sheets[0].revision, found.sheets[0].drawing.marks) == (0, ())


def test_only_the_panel_draws_and_only_colleagues_look_on(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    image_id = first_image(world, case)
    draw(world, case, by=world.expert, marks=[mark(image_id)])
    for stranger, refusal in (
        (off_panel(world.expert), NotOnPanelError),
        (world.physician, NotOnPanelError),
    ):
        with pytest.raises(refusal):
            draw(world, case, by=stranger, marks=[mark(image_id)])
    seen = world.clinic.do(world.physician, service_marks.list_marks, case_id=case.id)
    assert [len(each.drawing.marks) for each in seen.sheets] == [0]
    colleague = replace(world.expert, practitioner_id=world.physician.practitioner_id)
    seen = world.clinic.do(colleague, service_marks.list_marks, case_id=case.id)
    assert [(len(each.drawing.marks), each.reader_id) for each in seen.sheets][1:] == [
        (1, world.expert.person)
    ]
    with pytest.raises(NotFoundError):
        world.clinic.do(
            replace(world.physician, institution_id=None, consortium_ids=frozenset()),
            service_marks.list_marks,
            case_id=case.id,
        )


def test_the_last_fifty_revisions_are_kept(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    image_id = first_image(world, case)
    for revision in range(sheets.MOST_REVISIONS + 3):
        draw(world, case, by=world.expert, marks=[mark(image_id)], revision=revision)
    count = "SELECT min(revision), count(*) FROM annotation_revisions"
    assert world.clinic.system(_ask, sql=count) == (4, sheets.MOST_REVISIONS)


def test_a_signature_rests_on_the_marks_and_a_changed_byte_shows(
    world: Consortium, seal: SystemSeal
) -> None:
    report = make_marked(world, seal=seal)
    marks = world.clinic.system(_marks, report_id=report.id)
    content: Any = content_of(report)

    assert content["marks"] == {"revision": 1, "sha256": hash_of(marks), "count": 10}
    assert len(content["key_images"]) == 1
    assert broken_parts(report, seal=seal) == ()
    assert broken_marks(content, marks) == ()
    for torn in (marks.replace(b"100.5", b"100.6"), b"", None):
        assert broken_marks(content, torn) == ("marks",)
    with pytest.raises(DBAPIError, match="never change"):
        world.clinic.system(_ask, sql="UPDATE report_marks SET content = content")


def test_marks_that_are_not_those_that_were_signed_are_shown_to_nobody(
    world: Consortium, seal: SystemSeal
) -> None:
    report = make_marked(world, seal=seal)
    seen = world.clinic.do(world.physician, service_marks.list_marks, case_id=report.case_id)
    assert [len(each.drawing.marks) for each in seen.sheets] == [0, 10]
    world.clinic.system(_ask, sql="DELETE FROM report_marks")
    world.clinic.system(
        _ask,
        sql="INSERT INTO report_marks (report_id, case_id, content) "
        "SELECT id, case_id, CAST('[]' AS {blob}) FROM reports",
    )
    seen = world.clinic.do(world.physician, service_marks.list_marks, case_id=report.case_id)
    assert [len(each.drawing.marks) for each in seen.sheets] == [0]


def test_a_report_without_marks_says_nothing_of_them(world: Consortium, seal: SystemSeal) -> None:
    report = make_signed(world, seal=seal)
    assert not {"marks", "key_images"} & set(content_of(report))
    assert broken_marks(content_of(report), None) == ()


def test_marks_that_moved_after_the_preview_are_not_signed(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    shown = prepare(world, case, by=world.expert)
    draw(world, case, by=world.expert, marks=[mark(first_image(world, case))])
    with pytest.raises(ShownChangedError):
        sign(world, case, by=world.expert, shown=shown, seal=seal)


def test_after_the_signature_only_an_amendment_draws_again(
    world: Consortium, seal: SystemSeal
) -> None:
    report = make_marked(world, seal=seal)
    case = world.clinic.system(_case, case_id=report.case_id)
    image_id = first_image(world, case)
    with pytest.raises(CaseNotYoursError):
        draw(world, case, by=world.expert, marks=[mark(image_id)], revision=1)

    world.clinic.do(world.expert, service_amend.begin_amendment, case_id=case.id)
    draw(world, case, by=world.expert, marks=[mark(image_id)], revision=1)
    world.clinic.do(world.expert, service_amend.drop_amendment, case_id=case.id)
    found = world.clinic.do(world.expert, service_marks.list_marks, case_id=case.id)
    assert (found.sheets[0].revision, len(found.sheets[0].drawing.marks)) == (3, 10)
    seen = world.clinic.do(world.physician, service_marks.list_marks, case_id=case.id)
    assert [len(each.drawing.marks) for each in seen.sheets] == [0, 10]


def test_an_amendment_of_the_marks_alone_is_one_and_a_retraction_rests_on_none(
    world: Consortium, seal: SystemSeal
) -> None:
    report = make_marked(world, seal=seal)
    case = world.clinic.system(_case, case_id=report.case_id)
    draft = world.clinic.do(world.expert, service_amend.begin_amendment, case_id=case.id)
    image_id = first_image(world, case)
    draw(world, case, by=world.expert, marks=[mark(image_id)], revision=1)
    second = amend(world, report, seal=seal)
    assert draft.revision == 1
    assert [each.field for each in changes_in(content_of(second))] == ["marks", "key_images"]
    old = world.clinic.system(_marks, report_id=report.id)
    assert broken_marks(content_of(report), old) == ()

    taken = retract(world, second, seal=seal)
    assert world.clinic.system(_marks, report_id=taken.id) is None
    assert broken_marks(content_of(taken), None) == ()


def test_nothing_is_drawn_after_a_signature_at_the_same_moment(
    world: Consortium, seal: SystemSeal
) -> None:
    for turn in range(2):
        case = make_read_case(world, document_number=citizen_number(300 + 2 * turn))
        prepare(world, case, by=world.expert)
        image_id = first_image(world, case)
        draw(world, case, by=world.expert, marks=[mark(image_id)])
        shown = show(world, case, by=world.expert)
        told = {"marks": [mark(image_id, "point")], "key_images": []}
        drawing = world.clinic.start(
            world.expert,
            service_marks.save_marks,
            case_id=case.id,
            revision=1,
            told=told,
            lesions=lesions(),
        )
        try:
            report = sign(world, case, by=world.expert, shown=shown, seal=seal)
        except ShownChangedError:
            assert drawing.result().sheets[0].revision == 2
            continue
        kinds = [line.kind for line in world.clinic.lines() if line.case_id == case.id]
        if drawing.exception() is None:
            assert kinds[::-1].index("report.signed") < kinds[::-1].index("marks.saved")
        else:
            assert isinstance(drawing.exception(), CaseNotYoursError)
        marks = world.clinic.system(_marks, report_id=report.id)
        assert broken_marks(content_of(report), marks) == ()


def test_a_key_image_that_is_left_out_keeps_the_report_from_being_signed(
    world: Consortium, case: Case
) -> None:
    prepare(world, case, by=world.expert)
    image = pictures(world, case, by=world.expert)[0]
    draw(world, case, by=world.expert, marks=[mark(image.id)], key_images=[image.id])
    world.clinic.do(
        world.expert,
        service_looks.leave_out,
        case_id=case.id,
        instance_id=image.instance.id,
        reason="模糊",
    )
    with pytest.raises(FormRefusedError) as refusal:
        show(world, case, by=world.expert)
    told = problems_of(refusal)
    assert told["marks.0.image_id"] == "mark-not-relied-on"
    assert told["key_images.0"] == "key-image-not-relied-on"


def _case(work: Work, *, case_id: str) -> Case:
    return cases.get_case(work, case_id)


def _marks(work: Work, *, report_id: str) -> Any:
    return find_marks(work.session, report_id)


def _ask(work: Work, *, sql: str) -> Any:
    blob = "BLOB" if work.session.get_bind().dialect.name == "sqlite" else "bytea"
    found = work.session.execute(text(sql.replace("{blob}", blob)))
    return tuple(found.one()) if found.returns_rows else None
