"""What is about to be signed, in words (U19); of an amendment also what it changes."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from consult.reports.changes import changes_in
from consult.reports.versions import Preview
from server.i18n import N_
from server.views.report_changes import change_lines
from server.views.report_screen import screen_text
from server.views.report_summary import materials_text, said_in, summary_lines
from server.views.report_words import Speech

Content = Mapping[str, Any]


class LineAnswer(BaseModel):
    """One line of the summary."""

    label: str
    text: str


class PreviewAnswer(BaseModel):
    """What the signer is shown; `shown_sha256` binds her signature to it.

    `window` says which signing window is good for it, empty where it is signed by itself.
    """

    title: str
    sentence: str
    patient: str
    lines: list[LineAnswer]
    images: str
    signature_line: str
    shown_sha256: str
    revision: int
    window: str = ""


def preview_as_json(request: web.Request, shown: Preview) -> dict[str, object]:
    """The preview in the signer's words."""
    speech, content = Speech(request), shown.content
    told: Content = content
    return PreviewAnswer(
        title=said_in(speech, told["title"]),
        sentence=said_in(speech, told["sentence"]),
        patient=_patient(speech, told),
        lines=[LineAnswer(label=label, text=text) for label, text in _lines(speech, told)],
        images=materials_text(speech, told),
        signature_line=said_in(speech, told["signature_line"]),
        shown_sha256=shown.shown_sha256,
        revision=shown.draft_revision,
    ).model_dump()


def _lines(speech: Speech, content: Content) -> list[tuple[str, str]]:
    """What changes comes first: it is what the signer of an amendment answers for."""
    changed = speech.say(N_("Changed: {field}"))
    changes = [
        (changed.format(field=each.label), f"{each.before} → {each.after}")
        for each in change_lines(speech, changes_in(content))
    ]
    screen = screen_text(speech.request, content)
    read_on = [(speech.say(N_("Screen")), screen)] if screen else []
    return [*changes, *summary_lines(speech, content), *read_on]


def _patient(speech: Speech, content: Content) -> str:
    patient = content["patient"]
    return f"{patient['name']} {speech.term('sex', patient['sex'])} {patient['tail']}"
