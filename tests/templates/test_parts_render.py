"""Every part of a page renders in both languages and carries no inline style or script."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import babel_extract

from server.i18n import LANGUAGES, load_languages
from server.navigation import NavItem
from server.shell import Shell

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
SHEET = Path(__file__).parent / "sheet.html"
PARTS = sorted((TEMPLATES / "_parts").glob("*.html"))
MINE = [*PARTS, *(TEMPLATES / name for name in ("layout.html", "plain.html", "paper.html"))]
TOO_NEW = {"popover", "popovertarget", "command", "commandfor", "closedby", "exportparts"}
VOID = {"meta", "link", "input", "img", "br", "use", "source", "hr"}


class Reader(HTMLParser):
    """Collects what a strict policy or Chromium 109 would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.faults += [
            f"<{tag} {name}>" for name in names if name == "style" or name.startswith("on")
        ]
        self.faults += [f"<{tag} {name}>" for name in names if name in TOO_NEW]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.faults.append(f"inline <{tag}>")
        if tag == "details" and "name" in names:
            self.faults.append("<details name>")
        if names.get("id"):
            self.ids.append(str(names["id"]))
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.references += (names.get(name) or "").split()
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.fixture
def render() -> Callable[[str, str], str]:
    languages = load_languages(ROOT / "config" / "locale")
    loader = FileSystemLoader([TEMPLATES, SHEET.parent])

    def draw(template: str, language: str) -> str:
        environment = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {
            "_": languages.translator(language),
            "asset": lambda name: f"/static/{name}",
            "icon_url": "/static/icons.svg",
        }
        return environment.get_template(template).render(shell=make_shell(language), **CONTENT)

    return draw


def make_shell(language: str) -> Shell:
    """The shell as server/shell.py gives it, and no more."""
    return Shell(
        lang=language,
        title="我的病例",
        now="2026-01-05T09:36:00+08:00",
        position=12,
        account="0" * 32,
        nav=(
            NavItem(href="/worklist", label="待阅片", icon="list", current=True, count=42),
            NavItem(href="/cases", label="我的病例", icon="case", current=False),
            NavItem(href="/desk", label="转诊预约", icon="cal", current=False, count=3),
        ),
        person_name="陈立民",
        role_text="申请医师",
        acting_text="云溪镇中心卫生院",
        csrf_token="0123456789abcdef0123456789abcdef",
        home="/worklist",
        path="/worklist",
        notice="演示数据和演示证书：签发的报告没有法律效力。",
        signed_in=True,
    )


def _event(icon: str, who: str, text: str) -> SimpleNamespace:
    at = "2026-01-05T09:36:00+08:00"
    told = {"icon": icon, "who": who, "text": text, "why": "", "href": ""}
    return SimpleNamespace(at_iso=at, at_text="9:36", **told)


CONTENT: dict[str, Any] = {
    "events": [_event("doc2", "周怀瑾", "签发报告"), _event("up", "陈立民", "提交")],
    "hostile": "<img src=x onerror=alert(1)>",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["sheet.html", "sheet_plain.html", "sheet_paper.html"])
def test_a_page_of_every_part_passes_the_policy(
    render: Callable[[str, str], str], template: str, language: str
) -> None:
    reader = read(render(template, language))

    assert reader.faults == []
    assert sorted(reader.ids) == sorted(set(reader.ids))
    assert set(reader.references) <= set(reader.ids)


def test_a_name_that_looks_like_markup_stays_text(render: Callable[[str, str], str]) -> None:
    html = render("sheet.html", "en")

    assert "<img src=x" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") > 1


def test_the_reader_sees_what_the_policy_refuses() -> None:
    bad = (
        '<p style="color:red" onclick="x()">a</p><script>alert(1)</script><style>p{}</style>'
        '<div popover></div><details name="a"></details></section>'
    )

    assert read(bad).faults == [
        "<p style>",
        "<p onclick>",
        "inline <script>",
        "inline <style>",
        "<div popover>",
        "<details name>",
        "</section> closes nothing",
    ]


def test_every_macro_stands_on_the_sheet() -> None:
    sheet = SHEET.read_text(encoding="utf-8")
    macros = {
        name
        for part in PARTS
        if part.name != "words.html"
        for name in re.findall(r"{% macro ([a-z]\w*)\(", part.read_text(encoding="utf-8"))
    }

    assert {name for name in macros if not re.search(rf"\b{name}\(", sheet)} == set()


def test_every_macro_is_described_in_the_document() -> None:
    document = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    macros = {
        name
        for part in PARTS
        if part.name != "words.html"
        for name in re.findall(r"{% macro ([a-z]\w*)\(", part.read_text(encoding="utf-8"))
    }

    assert {name for name in macros if f"`ui.{name}(" not in document} == set()


def test_every_behaviour_is_described_in_the_document() -> None:
    document = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    main = (ROOT / "static" / "ts" / "main.ts").read_text(encoding="utf-8")
    behaviours = re.findall(r'register\("(\w+)"', main)

    assert behaviours
    assert {name for name in behaviours if f"| `{name}` |" not in document} == set()


def _messages(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _line, _function, message, _comments in babel_extract(file, ["_"], [], {}):
            assert isinstance(message, str)
            yield message


def test_every_sentence_of_the_parts_has_its_chinese() -> None:
    languages = load_languages(ROOT / "config" / "locale")
    messages = {message for path in MINE for message in _messages(path)}

    assert len(messages) > 50
    assert {message for message in messages if not languages.has("zh-Hans", message)} == set()


def test_every_word_a_script_says_stands_on_the_page() -> None:
    scripts = [p for p in (ROOT / "static" / "ts").rglob("*.ts") if ".test." not in p.name]
    text = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    said = set(re.findall(r'\bword\("(\w+)"', text)) | set(
        re.findall(
            r'"((?:stream|file|queue|days)[A-Z]\w*|hours\w*|[sS]aved|notSaved|(?:hide|show)Names)"',
            text,
        )
    )
    places = (
        "_parts/words.html",
        "reading/_room.html",
        "reading/_marks.html",
        "rooms/show.html",
    )
    words = "\n".join((TEMPLATES / place).read_text(encoding="utf-8") for place in places)
    given = {
        re.sub(r"-(\w)", lambda match: match[1].upper(), name)
        for name in re.findall(r'"data-word-([\w-]+)"', words)
    }

    assert said - given == set()


def test_every_icon_a_part_or_a_script_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "public" / "icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'id="i-(\w+)"', sprite))
    named: set[str] = set()
    for path in [*MINE, SHEET]:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'\bicon\("(\w+)"', text))
        named |= set(re.findall(r': \("(\w+)", "\w*"\)', text))
    for path in (ROOT / "static" / "ts").rglob("*.ts"):
        named |= set(re.findall(r'\bicon(?:: |\()"(\w+)"', path.read_text(encoding="utf-8")))

    assert len(named) > 30
    assert named - drawn == set()
