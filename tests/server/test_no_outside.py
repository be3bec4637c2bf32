"""No address outside the hospital is ever called: not by the server, not by a page (U13, U14)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.makers.house import ROOT, open_house
from tests.makers.installation import SET_UP
from tests.makers.visitor import Visitor

FOREIGN = re.compile(r"""(?:https?:)?//(?:[a-z0-9-]+\.)+[a-z]{2,}""", re.IGNORECASE)
# the name of an XML vocabulary, which no browser fetches
ONLY_NAMES = ("http://www.w3.org",)
# remarks and messages of the drawing library, in its own files alone: nothing fetches them
REMARKS = {
    "stage-": (
        "http://dicom.nema.org",
        "http://quantome.org",
        "http://www.kitware.com",
        "https://github.com",
        "https://karthikkaranth.me",
        "https://kitware.github.io",
        "https://learnopengl.com",
        "https://mimosa-pudica.net",
    ),
    "decodeImageFrameWorker-": ("https://github.com",),
}
WATCH = """
import ipaddress, os, sys

def refuse(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
    elif event == "socket.sendto":
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = (arguments[0],)
    else:
        return
    if not isinstance(address, tuple) or address[0] in (None, "localhost", b"localhost"):
        return
    try:
        if ipaddress.ip_address(address[0]).is_loopback or address[0] == "0.0.0.0":
            return
    except ValueError:
        pass
    with open(os.environ["OUTSIDE_CALLS"], "a") as file:
        file.write(f"{event} {address[0]!r}\\n")
    raise PermissionError("outside")

sys.addaudithook(refuse)
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where calls to the outside are written; every Python that starts now refuses them."""
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(WATCH)
    monkeypatch.setenv("PYTHONPATH", f"{watch}:{ROOT}")
    monkeypatch.setenv("OUTSIDE_CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


@pytest.mark.server
async def test_a_server_that_may_call_nobody_works(calls: Path, tmp_path: Path) -> None:
    with open_house(tmp_path / "data") as house:
        async with Visitor(house.base) as admin:
            assert (await admin.send("/api/setup", SET_UP))[0] == 200
            for path in ("/admin", "/account", "/certificate", "/verify", "/openapi.json"):
                status, page = await admin.page(path)
                assert status == 200, path
                assert foreign(page) == []
    assert written(calls) == []


def test_the_watch_sees_a_call_to_the_outside(calls: Path) -> None:
    for step in ("create_connection(('192.0.2.1', 9), 1)", "getaddrinfo('clinic.test', 80)"):
        told = subprocess.run(
            [sys.executable, "-c", f"import socket; socket.{step}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "PermissionError: outside" in told.stderr
    assert len(written(calls)) == 2


def test_no_built_file_and_no_template_names_an_outside_address() -> None:
    found = {}
    files = [*ROOT.joinpath("static").rglob("*"), *ROOT.joinpath("templates").rglob("*.html")]
    for path in files:
        is_text = path.suffix in {".js", ".css", ".svg", ".html", ".json"}
        known = next((REMARKS[each] for each in REMARKS if path.name.startswith(each)), ())
        named = foreign(path.read_text("utf-8"), known=known) if is_text else []
        if named:
            found[str(path.relative_to(ROOT))] = named
    assert found == {}
    assert foreign('<script src="//cdn.clinic.test/x.js">') == ["//cdn.clinic.test"]


def foreign(text: str, *, known: tuple[str, ...] = ()) -> list[str]:
    return [found for found in FOREIGN.findall(text) if found not in (*ONLY_NAMES, *known)]


def written(calls: Path) -> list[str]:
    return calls.read_text().splitlines() if calls.exists() else []
