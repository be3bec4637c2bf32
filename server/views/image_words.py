"""What is said about one image of a case, in the reader's language."""

from datetime import datetime, timedelta

from aiohttp import web

from consult.cases.images.model import CaseImage
from consult.kernel.eyes import Eye
from consult.people.organisations.model import Institution
from consult.studies.decoding import DIFFER
from consult.studies.model import CapturedSource, Likeness
from server.errors import sentence
from server.i18n import N_
from server.keys import LANGUAGES, RULES
from server.moments import format_full_moment, format_moment
from server.requests import language, signed_in


def state_of(image: CaseImage) -> str:
    """How far an image is confirmed."""
    if not image.instance.has_picture:
        return "no-picture"
    if image.is_confirmed:
        return "confirmed"
    if image.is_conflicted:
        return "conflicted"
    return "proposed" if image.proposal.is_whole else "unmarked"


def state_text(request: web.Request, image: CaseImage, state: str) -> str:
    """The same in words, with the source of a proposal."""
    source = image.proposal.eye_source or image.proposal.field_source
    if state == "confirmed":
        return say(request, N_("Confirmed"))
    if state == "proposed" and source is not None:
        if source.value == "person":
            return say(request, N_("Marked, not confirmed"))
        text = term(request, "image_source", source)
        return fill(request, N_("Proposed, from: {source}"), source=text)
    return "" if state == "no-picture" else say(request, N_("Not confirmed yet"))


def remarks_on(request: web.Request, image: CaseImage) -> list[str]:
    """What is odd about an image."""
    told = image.instance.description
    found = []
    if image.instance.video is not None:
        found.append(sentence(request, "no-picture-video", {}))
    elif told.picture_reason is not None:
        found.append(sentence(request, f"no-picture-{told.picture_reason}", {}))
    elif told.likeness is Likeness.NOT_FUNDUS:
        found.append(say(request, N_("Does not look like a fundus photograph.")))
    if image.instance.decoding == DIFFER:
        found.append(say(request, N_("Two decoders read this picture differently.")))
    if image.is_conflicted and not image.is_confirmed:
        found.append(_conflict_text(request, image))
    if image.row.evidence.clock_offset_s and told.captured.at is not None:
        found.append(_clock_text(request, image, told.captured.at))
    return found


def _clock_text(request: web.Request, image: CaseImage, at: datetime) -> str:
    """That a camera's clock was corrected, and what its time was taken to be (U1)."""
    meant = at + timedelta(seconds=image.row.evidence.clock_offset_s)
    message = N_(
        "Earlier confirmed sets show that this camera's clock is wrong; "
        "it was checked as taken at {moment}."
    )
    moment = format_full_moment(meant, zone=signed_in(request).zone, language=language(request))
    return fill(request, message, moment=moment)


def _conflict_text(request: web.Request, image: CaseImage) -> str:
    eyes = {term(request, "image_source", key): eye for key, eye in image.row.evidence.eyes.items()}
    if image.row.chosen_eye is not None:
        eyes[term(request, "image_source", "person")] = image.row.chosen_eye
    pair = N_("{source}: {eye}")
    sources = [
        fill(request, pair, source=source, eye=eye_text(request, eye))
        for source, eye in eyes.items()
    ]
    listed = (", " if language(request) == "en" else "，").join(sources)
    return fill(request, N_("The sources name different eyes: {sources}"), sources=listed)


def captured_text(request: web.Request, image: CaseImage) -> str:
    """When it was taken, and by which clock."""
    captured = image.instance.description.captured
    if captured.at is None:
        return say(request, N_("Time of capture unknown"))
    message = N_("Taken {moment}")
    if captured.source is CapturedSource.FILE:
        message = N_("Taken {moment} (time of the file)")
    zone = signed_in(request).zone
    form = format_moment if captured.at.year == image.row.added_at.year else format_full_moment
    moment = form(captured.at, zone=zone, language=language(request))
    return fill(request, message, moment=moment)


def recognised_text(request: web.Request, image: CaseImage, holder: Institution) -> str:
    """Of an earlier exam's picture, that it is one, and where it was taken (IMG-12)."""
    if not image.row.is_recognised:
        return ""
    is_english = language(request) == "en" and holder.name_en
    place = holder.name_en if is_english else holder.name
    return fill(request, N_("Earlier exam, recognised: {place}"), place=place)


def eye_text(request: web.Request, eye: Eye | None) -> str:
    """An eye in words."""
    return say(request, N_("Eye not stated")) if eye is None else term(request, "eye", eye)


def field_text(request: web.Request, image: CaseImage) -> str:
    """A field in words."""
    if image.field is None:
        return say(request, N_("Field not stated"))
    return term(request, "field_code", image.field)


def code_of(value: str | None) -> str | None:
    """The code itself, or none."""
    return None if value is None else str(value)


def term(request: web.Request, group: str, code: str) -> str:
    """The words of a code."""
    return request.app[RULES].terms.text(language(request), group, str(code))


def say(request: web.Request, message: str) -> str:
    """A sentence in the reader's language."""
    return request.app[LANGUAGES].text(language(request), message)


def fill(request: web.Request, message: str, **facts: str | int) -> str:
    """A sentence with its facts filled in."""
    return say(request, message).format(**facts)
