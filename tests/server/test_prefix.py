"""Below a path of a shared host name: every page, every address on it, every redirect (U13)."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from consult.access.model import RoleRules
from consult.kernel.work import Role
from server.prefix import Prefix
from server.rules.rulebook import load_rulebook
from tests.makers.asking import ask_raw, open_client
from tests.makers.consortium import CONFIG
from tests.makers.house import open_house
from tests.makers.installation import SET_UP
from tests.makers.nginx import PREFIX
from tests.makers.oidc_provider import CLIENT, run_provider
from tests.makers.tour import Sight, sights_of
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_FOLLOWED = re.compile(r'\s(?:href|src|action|formaction|poster)="([^"]*)"')
_NOTHING_THERE = {
    *("setup.show", "oidc.ask-again", "room-page.show"),
    *("join.show", "join.go-on", "join-papers.show", "join-papers.go-on"),
    *("playback.show", "playback.play", "playback.download", "joined.download", "mixed.download"),
    *("recalls.show", "salvages.show", "second-readings.show"),
    *("tellings.show", "result-notices.print-one"),
}
"""Pages of what is over, turned off or never was in this world: their refusal is a page too."""
_FOR_SCRIPTS = re.compile(rf'\sdata-[a-z-]+="({PREFIX}/[^"]*)"')


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with everything in it, below a prefix."""
    with open_world(tmp_path_factory.mktemp("below") / "data", path_prefix=PREFIX) as opened:
        yield opened


@pytest.fixture
async def client(below: WorldHouse) -> AsyncIterator[aiohttp.ClientSession]:
    async with open_client(below.base) as session:
        yield session


@pytest.fixture(scope="module")
def roles() -> RoleRules:
    return load_rulebook(CONFIG).roles


async def test_every_page_leads_below_the_prefix(
    below: WorldHouse, client: aiohttp.ClientSession, roles: RoleRules
) -> None:
    """Whatever a browser follows by itself has the prefix once; what a script follows has none."""
    pages, refused = {}, set()
    for sight in sights_of(below.world, roles, below.things()):
        status, pages[sight.name] = await _draw(client, sight)
        if status != HTTPStatus.OK:
            refused.add(sight.name)
    assert {name: wrong for name, page in pages.items() if (wrong := list(_astray(page)))} == {}
    assert len(pages) - len(refused) > 30
    assert refused == _NOTHING_THERE
    built = set(re.findall(rf'"({PREFIX}/static/[^"#]+)', "".join(pages.values())))
    for address in built:
        answer = await ask_raw(client, "GET", address, person=None)
        is_kept = "immutable" in answer.headers.get("Cache-Control", "")
        assert (answer.status, is_kept) == (200, "/assets/" in address), address
    assert len(built) >= 4


def _astray(page: str) -> Iterator[str]:
    for address in _FOLLOWED.findall(page):
        is_below = address.startswith(f"{PREFIX}/") and PREFIX * 2 not in address
        if address.startswith("/") and not is_below:
            yield address
    yield from (f"{path} for a script" for path in _FOR_SCRIPTS.findall(page))
    if 'name="csrf-token"' in page and f'name="base-path" content="{PREFIX}"' not in page:
        yield "scripts are not told the prefix"


def test_a_page_that_leads_astray_would_be_noticed() -> None:
    for page in (
        ' <a href="/cases">',
        f'<a href="{PREFIX}{PREFIX}/cases">',
        f'<form data-form-url-value="{PREFIX}/api/cases">',
        '<meta name="csrf-token" content="x"><meta name="base-path" content="">',
    ):
        assert list(_astray(page)), page


async def _draw(client: aiohttp.ClientSession, sight: Sight) -> tuple[int, str]:
    """The page, after the redirects that stay on it, such as to the week of today."""
    path = PREFIX + sight.path
    for _ in range(3):
        answer = await ask_raw(client, "GET", path, person=sight.person)
        if answer.status != HTTPStatus.SEE_OTHER:
            break
        path = answer.headers["Location"]
        assert path.startswith(f"{PREFIX}/"), path
        assert not path.startswith(f"{PREFIX}/sign-in"), (sight.name, "nobody is signed in")
    assert answer.headers["Content-Type"].startswith("text/html"), (sight.name, path)
    return answer.status, answer.body.decode()


async def test_beside_the_prefix_there_is_nothing_but_the_signs_of_life(
    client: aiohttp.ClientSession,
) -> None:
    for path, status in (
        *(("/", 404), ("/sign-in", 404), ("/api/sign-in", 404), ("/static/main.js", 404)),
        *(("/lianzhenx/sign-in", 404), ("/metrics", 200), ("/healthz", 200), ("/readyz", 200)),
        *((f"{PREFIX}/healthz", 200), (f"{PREFIX}/metrics", 200), (f"{PREFIX}/sign-in", 200)),
        (f"{PREFIX}{PREFIX}/sign-in", 404),
    ):
        answer = await ask_raw(client, "GET", path, person=None)
        assert answer.status == status, path
    answer = await ask_raw(client, "GET", "/nowhere", person=None)
    assert f'href="{PREFIX}/' in answer.body.decode()


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        (PREFIX, f"{PREFIX}/"),
        (f"{PREFIX}/", f"{PREFIX}/sign-in"),
        (f"{PREFIX}/cases?view=running", f"{PREFIX}/sign-in?next=/cases%3Fview%3Drunning"),
    ],
)
async def test_a_stranger_is_led_to_the_sign_in_and_on(
    client: aiohttp.ClientSession, asked: str, led: str
) -> None:
    answer = await ask_raw(client, "GET", asked, person=None)
    assert (answer.status, answer.headers["Location"]) == (303, led)


async def test_an_answer_says_paths_and_openapi_says_below_what(
    below: WorldHouse, client: aiohttp.ClientSession
) -> None:
    answer = await ask_raw(client, "GET", f"{PREFIX}/openapi.json", person=None)
    document = answer.json()
    assert document["servers"] == [{"url": PREFIX}]
    assert "/api/sign-in" in document["paths"]
    one_of_two = await asyncio.to_thread(
        let_in, below.world.now, below.world.doubles[Side.HOME, Role.REQUESTING_PHYSICIAN]
    )
    made = await ask_raw(
        client,
        "POST",
        f"{PREFIX}/api/sign-out",
        person=one_of_two,
        headers={"Content-Type": "application/json"},
        data=b"{}",
    )
    assert made.json() == {"location": "/sign-in"}
    assert made.headers["Set-Cookie"].startswith("lianzhen=")
    assert f"Path={PREFIX}/" in made.headers["Set-Cookie"]


async def test_the_provider_is_told_the_whole_address(tmp_path: Path) -> None:
    with run_provider() as issuer:
        settings = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "path_prefix": PREFIX}
        with open_house(tmp_path / "data", **settings) as house:
            async with Visitor(house.base, prefix=PREFIX) as visitor:
                assert (await visitor.send("/api/setup", SET_UP))[0] == 200
                path = visitor.at("/sign-in/provider?next=/account")
                async with visitor.raw.get(path, allow_redirects=False) as answer:
                    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
                    cookie = answer.cookies["lianzhen_provider"]
    assert asked["redirect_uri"] == [f"{house.base}{PREFIX}/sign-in/provider/back"]
    assert cookie["path"] == f"{PREFIX}/sign-in"


def test_without_a_prefix_nothing_is_touched() -> None:
    page = '<a href="/cases">x</a>'
    assert Prefix().mount(page) is page
    assert (Prefix().address("/cases"), Prefix().inner("/cases")) == ("/cases", "/cases")


def test_only_attributes_of_ours_are_given_the_prefix() -> None:
    below = Prefix(PREFIX)
    typed = '<p> href=&#34;/cases&#34;</p><a href="//other.test/x"><a href="#top"><a href="?a=/b">'
    assert below.mount(typed) == typed
    assert below.mount('<a class="x" href="/cases">') == f'<a class="x" href="{PREFIX}/cases">'
    assert below.mount('<i data-href="/cases">') == '<i data-href="/cases">'
    assert (below.inner(PREFIX), below.inner(f"{PREFIX}/")) == ("/", "/")
    assert below.inner("/lianzhenx/cases") == "/lianzhenx/cases"
    assert below.address("https://other.test/x") == "https://other.test/x"
