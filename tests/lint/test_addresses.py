"""Every address finds its way below a prefix: none is written past the places that know it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLLOWED = ("href", "src", "action", "formaction", "poster")
"""What `Prefix.mount` knows."""
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z:-]*)=(["']?)(/(?!/)[^"'\s>]*)""")
_UNKNOWN = re.compile(r"srcset=|<base\b|http-equiv=.?refresh|url\(|<object\b|ping=", re.IGNORECASE)
_GOES = re.compile(
    r"(?<!#)\bfetch\(|\.(?:href|src|action)\s*=[^=]|location\.(?:assign|replace)\(|window\.location\s*=[^=]"
    r"|new (?:SharedWorker|Worker|EventSource|WebSocket)\(|sendBeacon\(|window\.open\("
    r"|setAttribute\(\s*\"(?:href|src|action)\"|importScripts\("
)
KNOWN_TO_SCRIPTS = {
    "lib/drawing.ts": ("fetch(address, {",),
    "controllers/report_check_controller.ts": ("link.href = `#${anchor}`;",),
    "controllers/invite_controller.ts": ('this.pageTarget.href = address ?? "";',),
    "lib/icons.ts": ("""use?.setAttribute("href", href.replace(/#.*$/, `#i-${name}`));""",),
    "lib/place.ts": ("window.location.assign(target.href);",),
    "lib/turn.ts": ("picture.src = here;",),
    "lib/stream.ts": (
        "fetch(`${this.#base}/api/events`, {",
        "fetch(`${this.#base}/api/events/since${since}`, {",
    ),
    # the queue's own endpoint, and what the server located there
    "lib/uploads/announcing.ts": ("fetch(endpoint,", "fetch(url,"),
    "lib/uploads/result.ts": ("fetch(`${url}/result`, {",),
    "viewer/developing.ts": ('new URL("./colour_worker.ts", import.meta.url)',),
}
"""Lines that go to an address which the browser has already, or which begins with the prefix.

A worker of the build lies beside the script that starts it.
"""
_ASKED = re.compile(
    r"\brequest\.(?:path|path_qs|raw_path|rel_url|url)\b"
    r"|set_cookie\([^)]*path=\"|del_cookie\([^)]*path=\""
)


def bare_in_template(text: str) -> Iterator[str]:
    """Attributes by which a page would lead past the prefix, and a prefix written by hand."""
    for name, quote, value in _ATTRIBUTE.findall(text):
        is_known = name in FOLLOWED and quote == '"'
        for_scripts = name.startswith("data-") or name.endswith("url")  # what a macro hands on
        if not is_known and not for_scripts:
            yield f"{name}={value}"
    yield from _UNKNOWN.findall(text)
    for line in text.splitlines():
        if "base_path" in line and 'name="base-path"' not in line:
            yield line.strip()


def bare_in_script(text: str, known: tuple[str, ...] = ()) -> Iterator[str]:
    """Lines of a script that go somewhere without `under`."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        said = " ".join(lines[number : number + 3])
        if _GOES.search(line) and "under(" not in said and not any(one in line for one in known):
            yield line.strip()


def bare_in_python(text: str) -> list[str]:
    """Where the server looks at a whole address, or sets a cookie for the whole host name."""
    return _ASKED.findall(text)


def test_templates_leave_every_address_to_the_one_pass() -> None:
    found = {
        path.name: bare
        for path in (ROOT / "templates").rglob("*.html")
        if (bare := list(bare_in_template(path.read_text("utf-8"))))
    }
    assert found == {}


def test_scripts_go_by_the_one_function() -> None:
    sources = ROOT / "static" / "ts"
    found = {}
    for path in sources.rglob("*.ts"):
        name = str(path.relative_to(sources))
        if not name.endswith((".test.ts", ".testing.ts")):
            known = KNOWN_TO_SCRIPTS.get(name, ())
            text = path.read_text("utf-8")
            assert all(one in text for one in known), name
            if bare := list(bare_in_script(text, known)):
                found[name] = bare
    assert found == {}


def test_the_server_asks_the_one_module_for_paths() -> None:
    found = {
        str(path.relative_to(ROOT)): bare
        for path in (ROOT / "server").rglob("*.py")
        if path != ROOT / "server" / "prefix.py"
        and (bare := bare_in_python(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        '<img srcset="/a.png 2x">',
        "<a href='/cases'>",
        "<a href=/cases>",
        '<object data="/a.pdf">',
        '<meta http-equiv="refresh" content="0; /x">',
        '<use xlink:href="/static/icons.svg#i-x">',
        '<a href="{{ shell.base_path }}/account">',
    ],
)
def test_a_bare_address_in_a_template_would_be_noticed(text: str) -> None:
    assert list(bare_in_template(text))
    assert not list(bare_in_template('<a href="/cases" data-form-url-value="/api/cases">'))


@pytest.mark.parametrize(
    "text",
    [
        'await fetch("/api/cases");',
        "await fetch(this.urlValue, {",
        "link.href = `/cases/${id}`;",
        "image.src = this.fullValue;",
        'window.location.assign("/sign-in");',
        'window.location = "/sign-in";',
        'new SharedWorker(meta("events-worker"));',
        'navigator.sendBeacon("/api/x");',
    ],
)
def test_a_bare_address_in_a_script_would_be_noticed(text: str) -> None:
    assert list(bare_in_script(text))
    assert not list(bare_in_script("await fetch(under(this.urlValue), {"))


@pytest.mark.parametrize(
    "text",
    ['if request.path == "/x":', "str(request.rel_url)", 'response.set_cookie("a", "b", path="/")'],
)
def test_a_whole_address_in_the_server_would_be_noticed(text: str) -> None:
    assert bare_in_python(text)
