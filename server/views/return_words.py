"""What a return asks for, in the reader's words: 左眼 黄斑中心：离焦，请复拍."""

from aiohttp import web

from consult.cases.model import Case
from consult.cases.returns.model import ItemKind, ReturnItem
from server.i18n import N_
from server.keys import RULES
from server.requests import language
from server.views.image_words import eye_text, fill, term


def item_text(request: web.Request, case: Case, item: ReturnItem) -> str:
    """One line of the list."""
    rules, tongue = request.app[RULES].cases, language(request)
    if item.kind is ItemKind.ANSWER:
        labels = {each.key: each.label for each in rules.forms[case.service_type].questions}
        label = labels[item.code].said_in(tongue) if item.code in labels else item.code
        return fill(request, N_("To be answered: {label}"), label=label)
    if item.kind is ItemKind.OTHER or item.field is None:
        known = rules.returns.other_items.get(item.code)
        return item.code if known is None else known.said_in(tongue)
    reason = rules.returns.image_reasons.get(item.code)
    return fill(
        request,
        N_("{place}: {reason}, please retake"),
        place=place_text(request, item),
        reason=item.code if reason is None else reason.said_in(tongue),
    )


def place_text(request: web.Request, item: ReturnItem) -> str:
    """Eye and field of a photograph."""
    eye = "" if item.eye is None else eye_text(request, item.eye)
    field = "" if item.field is None else term(request, "field_code", item.field)
    return f"{eye} {field}".strip()
