"""What a version says, for whoever tells the patient of it."""

from collections.abc import Sequence

from aiohttp import web

from consult.reports.verify import content_of
from consult.reports.versions import Report
from server.i18n import N_
from server.views.report_summary import eye_text, interval_text, referral_text
from server.views.report_words import Speech

_EYES = ("right", "left")


def say_report(request: web.Request, report: Report) -> Sequence[tuple[str, str]]:
    """Label and text of what counts for the patient; one line of a version that was taken back."""
    speech, content = Speech(request), content_of(report)
    if not report.is_opinion:
        back = speech.say(N_("The report was retracted: what the patient was told is void."))
        return [(speech.say(N_("Result")), back)]
    body = content["body"]
    if not isinstance(body, dict):
        return []
    lines = [
        (speech.term("eye", eye), eye_text(speech, content, eye))
        for eye in _EYES
        if body[eye]["eye_status"] is not None
    ]
    lines += [
        (speech.label("impression"), body["impression"]),
        (speech.label("referral_need"), referral_text(speech, body)),
        (speech.say(N_("Re-examination")), interval_text(speech, body)),
        (speech.label("advice"), body["advice"]),
    ]
    return [(label, text) for label, text in lines if text]
