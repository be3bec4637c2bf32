"""An expert's own phrases: a page to tidy them, and what the report's form asks for."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field, Strict

from consult.access.model import Action
from consult.reports.forms import RequiredPart
from consult.reports.phrases import service as phrases
from consult.reports.phrases.model import LONGEST_PHRASE, MOST_PHRASES, PARTS, Phrase
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.i18n import N_
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.views.sign_in import as_json

routes = Routes("phrases")


class NewPhrase(Body):
    """A phrase and the part of the report that it is for."""

    part: RequiredPart
    text: Text


class ChangedPhrase(Body):
    """What it shall say; `version` is the one that the page shows."""

    text: Text
    version: Annotated[int, Strict(), Field(ge=0, le=2**31 - 1)]


class PhraseAnswer(BaseModel):
    """One phrase."""

    id: str
    part: str
    text: str
    version: int


class PhrasesAnswer(BaseModel):
    """All of the asker's phrases."""

    phrases: list[PhraseAnswer]


class RemovedAnswer(BaseModel):
    """Which phrase is no more."""

    id: str


@routes.get("/phrases", action=Action.WRITE_REPORT)
async def show(request: web.Request) -> web.Response:
    """The page on which she tidies them."""
    found = await in_read(request, phrases.list_phrases)
    by_part = [(part, [each for each in found if each.part is part]) for part in PARTS]
    return await render(
        request,
        "phrases/list.html",
        title=N_("My phrases"),
        by_part=by_part,
        kept=len(found),
        most=MOST_PHRASES,
        longest=LONGEST_PHRASE,
    )


@routes.get("/api/phrases", action=Action.WRITE_REPORT, answer=PhrasesAnswer)
async def index(request: web.Request) -> web.Response:
    """The same as JSON."""
    found = await in_read(request, phrases.list_phrases)
    return as_json(PhrasesAnswer(phrases=[_answer(each) for each in found]))


@routes.post("/api/phrases", action=Action.WRITE_REPORT, body=NewPhrase, answer=PhraseAnswer)
async def keep(request: web.Request) -> web.Response:
    """Keep a phrase."""
    body = await parse_body(request, NewPhrase)
    return as_json(
        _answer(await in_unit(request, phrases.keep_phrase, part=body.part, text=body.text))
    )


@routes.post(
    "/api/phrases/{phrase_id}",
    action=Action.WRITE_REPORT,
    body=ChangedPhrase,
    answer=PhraseAnswer,
)
async def change(request: web.Request) -> web.Response:
    """Say it otherwise."""
    body = await parse_body(request, ChangedPhrase)
    phrase = await in_unit(
        request,
        phrases.change_phrase,
        phrase_id=path_id(request, "phrase_id"),
        text=body.text,
        revision=body.version,
    )
    return as_json(_answer(phrase))


@routes.post("/api/phrases/{phrase_id}/remove", action=Action.WRITE_REPORT, answer=RemovedAnswer)
async def remove(request: web.Request) -> web.Response:
    """Forget it."""
    phrase_id = path_id(request, "phrase_id")
    await in_unit(request, phrases.remove_phrase, phrase_id=phrase_id)
    return as_json(RemovedAnswer(id=phrase_id))


def _answer(phrase: Phrase) -> PhraseAnswer:
    return PhraseAnswer(
        id=phrase.id, part=phrase.part.value, text=phrase.text, version=phrase.revision
    )
