"""What is asked about pictures whose patient is in doubt, in the reader's words."""

from aiohttp import web

from consult.cases.images.model import ImageQuestion, QuestionKind
from server.i18n import N_
from server.moments import format_full_moment
from server.requests import language, signed_in
from server.views.image_views import QuestionView
from server.views.image_words import say

_QUESTIONS = {
    QuestionKind.OTHER_NAME: N_(
        "These DICOM images name another patient: {named}. The banner says {banner}. "
        "Do they belong to {banner}?"
    ),
    QuestionKind.OTHER_WINDOW: N_(
        "This set was taken at {moment}, when {named} was the current patient. "
        "Does it belong to {banner}?"
    ),
    QuestionKind.OWN_WINDOW: N_(
        "This set was taken at {moment}, when this case was not open. Does it belong to {banner}?"
    ),
}


def of_question(request: web.Request, question: ImageQuestion) -> QuestionView:
    """The question with its facts filled in."""
    moment = ""
    if question.captured_at is not None:
        zone = signed_in(request).zone
        moment = format_full_moment(question.captured_at, zone=zone, language=language(request))
    pattern = say(request, _QUESTIONS[question.kind])
    facts = {"named": question.named_name, "banner": question.banner_name, "moment": moment}
    return QuestionView(
        id=question.id,
        sentence=pattern.format(**facts),
        pattern=pattern,
        is_open=question.is_open,
        **facts,
    )
