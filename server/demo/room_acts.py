"""What the demonstration does beside a report: marks on the pictures, words about them."""

from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.discussion import service as discussions
from consult.discussion.model import Reference, Wanted
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.reports import service_marks
from server.demo.case_model import MarkPlan, PlacePlan, SheetPlan
from server.demo.stage import Scene

_ID_FORM = "01{number:024d}"
_FIRST_FRAME = 1


def draw(work: Work, scene: Scene, sheet: SheetPlan) -> None:
    """Draw on the pictures, and choose those that go with the report."""
    shown = _pictures(work, scene)
    marks = [
        _mark(mark, shown[mark.place], number=number) for number, mark in enumerate(sheet.marks, 1)
    ]
    chosen = [shown[place].id for place in sheet.key_images]
    service_marks.save_marks(
        work,
        case_id=scene.case_id,
        revision=0,
        told={"marks": marks, "key_images": chosen},
        lesions=scene.stage.rules.lesions,
    )


def write(work: Work, scene: Scene) -> None:
    """Write a message; a reply stands in the thread of the first one, and what is there is read."""
    plan = scene.step.message
    if plan is None:
        raise LookupError(scene.case.key)
    second, thread_id = scene.stage.rules.second, None
    if plan.is_reply:
        found = discussions.show_discussion(work, scene.case_id, second=second)
        thread_id = found.threads[0].root.newest.head.thread_id
        discussions.mark_read(work, case_id=scene.case_id, number=found.newest, second=second)
    pictures = [] if plan.about is None else [_pictures(work, scene)[plan.about]]
    wanted = Wanted(
        key=new_id(),
        kind=plan.kind,
        text=plan.text,
        thread_id=thread_id,
        references=[Reference(each.id, _FIRST_FRAME, None) for each in pictures],
    )
    discussions.send_message(work, case_id=scene.case_id, wanted=wanted, second=second)


def _pictures(work: Work, scene: Scene) -> dict[PlacePlan, CaseImage]:
    """The photographs of the case by what they show."""
    return {
        PlacePlan(image.eye, image.field): image
        for image in images.list_case_images(work, scene.case_id)
        if image.eye is not None and image.field is not None
    }


def _mark(mark: MarkPlan, image: CaseImage, *, number: int) -> dict[str, object]:
    """The mark as the reading room sends it, in pixels of this picture."""
    described = image.instance.description
    columns, rows = described.columns or 0, described.rows or 0
    return {
        "id": _ID_FORM.format(number=number),
        "tool": mark.tool.value,
        "image_id": image.id,
        "frame": _FIRST_FRAME,
        "points": [[round(x * columns, 2), round(y * rows, 2)] for x, y in mark.points],
        "label": mark.label,
        "lesion": mark.lesion,
    }
