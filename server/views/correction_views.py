"""The shape of what a page or a script is told about corrected pictures."""

from pydantic import Field

from consult.cases.corrections.model import CorrectionKind
from server.views.image_views import ChoiceView
from server.views.upload_results import View


class CorrectionView(View):
    """One correction; where the picture went is told to the side whose patients both are."""

    id: str
    image_id: str
    kind: str
    kind_text: str
    before_text: str
    after_text: str
    sentence: str
    who: str
    at: str
    at_text: str
    reason: str
    to_case_id: str | None


class RereadView(View):
    """Which version must be read again, since when, and by whom."""

    report_id: str
    version: int
    since: str
    since_text: str
    reader: str


class CorrectionsView(View):
    """Everything about the corrections of one case; the choices are on the page alone."""

    case_id: str
    version: int
    corrections: list[CorrectionView]
    reread: RereadView | None
    may_correct: bool = Field(default=False, exclude=True)
    fields: list[ChoiceView] = Field(default=[], exclude=True)
    drafts: list[ChoiceView] = Field(default=[], exclude=True)
    people: list[ChoiceView] = Field(default=[], exclude=True)

    def of_image(self, image_id: str) -> list[CorrectionView]:
        """What was corrected of one picture."""
        return [each for each in self.corrections if each.image_id == image_id]

    @property
    def struck_out(self) -> list[CorrectionView]:
        """What proved to be another patient's."""
        return [each for each in self.corrections if each.kind == CorrectionKind.WRONG_PATIENT]

    def field_options(self) -> list[tuple[str, str]]:
        """The fields to choose from."""
        return [(choice.code, choice.text) for choice in self.fields]

    def draft_options(self) -> list[tuple[str, str]]:
        """The open drafts of other patients."""
        return [(choice.code, choice.text) for choice in self.drafts]

    def people_options(self) -> list[tuple[str, str]]:
        """Patients for whom a draft can be opened."""
        return [(choice.code, choice.text) for choice in self.people]
