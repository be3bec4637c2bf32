"""The shape of what a page or a script is told about the images of a case."""

from markupsafe import Markup, escape
from pydantic import Field

from consult.cases.protocol import NoImageReason
from server.views.quality import QualityView
from server.views.upload_results import UploadResult, View

_NAME = Markup('<span class="name">{}</span>')


class ImageView(View):
    """One image with its picture, its proposal or its confirmed eye, and what is odd about it."""

    id: str
    instance_id: str
    position: int
    file_name: str
    alt: str
    thumbnail_url: str
    preview_url: str
    full_url: str
    has_picture: bool
    is_video: bool
    kind_text: str
    document_url: str
    eye: str | None
    eye_text: str
    field: str | None
    field_text: str
    state: str
    state_text: str
    captured_text: str
    recognised_text: str
    remarks: list[str]
    quality: QualityView | None


class LackView(View):
    """A photograph that the protocol asks for, or an excuse for one."""

    eye: str
    field: str | None
    text: str


class QuestionView(View):
    """One question about the set."""

    id: str
    sentence: str
    pattern: str = Field(exclude=True)
    named: str
    banner: str
    moment: str
    is_open: bool

    def html(self) -> Markup:
        """The sentence with its names marked, so that they can be hidden."""
        told = plain_name(self.named)
        named, banner = (_NAME.format(name) for name in (told, self.banner))
        return escape(self.pattern).format(named=named, banner=banner, moment=self.moment)


def plain_name(name: str) -> str:
    """A person name of DICOM without its separators (PS3.5 6.2.1.1)."""
    return " ".join(name.replace("^", " ").replace("=", " ").split())


class ChoiceView(View):
    """A code with its words."""

    code: str
    text: str


class SaidView(View):
    """What one act would confirm of an image."""

    id: str
    eye: str | None
    field: str | None


class CaseImagesView(View):
    """Everything about the images of one case."""

    case_id: str
    is_editable: bool
    used_percent: int | None
    protocol_text: str
    count_text: str
    images: list[ImageView]
    replaced: list[ImageView]
    to_confirm: list[SaidView]
    singly: list[ImageView]
    questions: list[QuestionView]
    conflicts: list[str]
    asked: list[UploadResult]
    running: int
    running_text: str
    lacks: list[LackView]
    whole_lacks: list[LackView]
    excuses: list[LackView]
    targets: list[ChoiceView]
    fields: list[ChoiceView]
    reasons: list[ChoiceView]
    keep_reasons: list[ChoiceView]

    def of_eye(self, eye: str | None) -> list[ImageView]:
        """The images of one eye, or those of none."""
        return [image for image in self.images if image.eye == eye]

    def confirm_body(self) -> list[dict[str, str | None]]:
        """What the one act sends."""
        return [said.model_dump() for said in self.to_confirm]

    def field_options(self) -> list[tuple[str, str]]:
        """The fields to choose from."""
        return [(choice.code, choice.text) for choice in self.fields]

    def reason_options(self, *, whole_eye: bool = False) -> list[tuple[str, str]]:
        """Why a field, or a whole eye, could not be photographed."""
        return [
            (choice.code, choice.text)
            for choice in self.reasons
            if whole_eye or choice.code != NoImageReason.EYE_ABSENT
        ]

    def keep_options(self) -> list[tuple[str, str]]:
        """Why a photograph stays against the advice of the automatic check."""
        return [(choice.code, choice.text) for choice in self.keep_reasons]

    def target_options(self) -> list[tuple[str, str]]:
        """The cases into which images may move."""
        return [(choice.code, choice.text) for choice in self.targets]
