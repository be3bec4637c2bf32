"""照片总览: every patient of the day whose case waits to be sent, with all her photographs (U1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from consult.cases import service as cases
from consult.cases.images.model import CaseImage
from consult.cases.screening import service as screening
from consult.cases.screening.model import Listed
from consult.cases.service_draft import EDITABLE
from consult.kernel.work import Role, Work
from server.i18n import N_
from server.rules.rulebook import Rulebook
from server.views.case_blocks import Block, blocks_of
from server.views.image_words import eye_text, field_text, fill
from server.views.panel_duty import EmptyPanel, empty_panels
from server.views.pictures import Holders, holders_of, urls_of
from server.views.screening import ROWS, DeskRow, rows_of

_FIGURES = 4


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The drafts of the day, as many as are shown at once; `more` wait behind them.

    Of `empty` panels nobody is on duty now.
    """

    rows: Sequence[DeskRow]
    empty: Sequence[EmptyPanel]
    holders: Holders
    more: int
    is_physician: bool


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """One photograph: where it is, what is said of it, and whose eye it is."""

    url: str
    alt: str
    eye: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One patient, all that goes with her case, and what still stops it."""

    row: DeskRow
    pictures: Sequence[SheetPicture]
    blocks: Sequence[Block]
    without_picture: int = 0

    @property
    def of_no_eye(self) -> Sequence[SheetPicture]:
        """What goes with the case and stands under neither eye."""
        return [picture for picture in self.pictures if not picture.eye]


def make_sheet(work: Work, rules: Rulebook) -> SheetPage:
    """Whose case was begun and not sent yet, in the order of the list."""
    listed = screening.list_today(work, rules=rules.screening)
    begun = [each for each in listed if _waits(work, each)]
    shown = rows_of(work, begun[:ROWS], rules)
    images = [image for row in shown for image in _images(row)]
    return SheetPage(
        rows=shown,
        empty=empty_panels(work, [row.case for row in shown if row.case is not None]),
        holders=holders_of(work, images),
        more=len(begun[ROWS:]),
        is_physician=Role.REQUESTING_PHYSICIAN in work.actor.roles,
    )


def _waits(work: Work, listed: Listed) -> bool:
    if listed.case_id is None:
        return False
    return cases.get_own_case(work, listed.case_id).status in EDITABLE


def lines_of(request: web.Request, page: SheetPage) -> list[SheetLine]:
    """The rows in the reader's words."""
    return [
        SheetLine(
            row,
            _pictures(request, row, page.holders),
            _blocks(request, row),
            sum(not image.instance.has_picture for image in _images(row)),
        )
        for row in page.rows
    ]


def told_of(request: web.Request) -> Mapping[str, int]:
    """How many cases the submission before has sent, will send, and kept; else nothing."""
    told = {name: request.query.get(name, "") for name in ("sent", "later", "kept")}
    whole = all(text.isascii() and text.isdecimal() for text in told.values())
    short = all(len(text) <= _FIGURES for text in told.values())
    return {name: int(text) for name, text in told.items()} if whole and short else {}


def _pictures(request: web.Request, row: DeskRow, holders: Holders) -> list[SheetPicture]:
    return [
        SheetPicture(
            url=urls_of(
                image.instance, institution_code=holders[image.instance.institution_id].code
            ).thumbnail,
            alt=fill(
                request,
                N_("Photograph {position}: {eye} {field}"),
                position=image.position,
                eye=eye_text(request, image.eye),
                field=field_text(request, image),
            ),
            eye="" if image.eye is None else image.eye.value,
            is_confirmed=image.is_confirmed,
        )
        for image in _images(row)
        if image.instance.has_picture
    ]


def _images(row: DeskRow) -> Sequence[CaseImage]:
    return () if row.found is None else row.found.images


def _blocks(request: web.Request, row: DeskRow) -> Sequence[Block]:
    if row.case is None or row.readiness is None:
        return ()
    return blocks_of(request, row.case, row.readiness)
