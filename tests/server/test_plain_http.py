"""Plain HTTP from the network opens nothing and says what to do; the certificate is for all."""

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from server.tls.authority import Authority
from server.tls.fingerprint import spaced
from tests.makers.certificates import make_authority, trusting
from tests.makers.databases import free_port
from tests.makers.house import House, open_house

PAGE = {"Accept": "text/html"}
CLINIC = "10.20.30.40"
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server behind a proxy on this machine, and with an authority of its own."""
    folder = tmp_path_factory.mktemp("proxied")
    make_authority(folder / "keys" / "tls")
    with open_house(folder, trusted_proxy="127.0.0.0/8") as opened:
        yield opened


@pytest.fixture
async def browser(proxied: House) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(proxied.base) as session:
        yield session


def came(by: str) -> dict[str, str]:
    """What a proxy says of a browser in the clinic."""
    return {"X-Forwarded-For": CLINIC, "X-Forwarded-Proto": by}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/setup", "/cases", "/nowhere"])
async def test_a_page_on_plain_http_says_what_to_do(
    browser: aiohttp.ClientSession, path: str
) -> None:
    async with browser.get(path, headers=PAGE | came("http"), allow_redirects=False) as answer:
        page = await answer.text()
        assert answer.status == 403
        assert "Strict-Transport-Security" not in answer.headers
        assert "Set-Cookie" not in answer.headers
    assert "此地址未加密" in page
    assert "--tls self-signed" in page
    async with browser.get(path, headers=PAGE | came("https"), allow_redirects=False) as answer:
        assert answer.status != 403
        assert "max-age" in answer.headers["Strict-Transport-Security"]


async def test_the_page_is_there_in_english_too(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/cases?lang=en", headers=PAGE | came("http")) as answer:
        assert "This address is not encrypted" in await answer.text()


async def test_a_machine_is_told_the_same(browser: aiohttp.ClientSession) -> None:
    async with browser.post("/api/sign-in", json={}, headers=came("http")) as answer:
        assert (answer.status, (await answer.json())["code"]) == (403, "tls-needed")
    async with browser.post("/api/sign-in", json={}, headers=came("https")) as answer:
        assert (await answer.json())["code"] != "tls-needed"


async def test_this_machine_needs_no_tls(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/setup", headers=PAGE) as answer:
        assert answer.status == 200


async def test_a_proxy_that_does_not_say_https_leads_to_no_loop(
    browser: aiohttp.ClientSession,
) -> None:
    headers = PAGE | {"X-Forwarded-For": CLINIC}
    async with browser.get("/", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_whoever_watches_the_server_needs_no_tls(
    browser: aiohttp.ClientSession, path: str
) -> None:
    async with browser.get(path, headers=came("http")) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hans", "证书安装"), ("en", "Install the certificate")]
)
async def test_the_certificate_is_explained_and_given_on_plain_http(
    browser: aiohttp.ClientSession, proxied: House, language: str, words: str
) -> None:
    root = Authority(proxied.data_dir / "keys" / "tls").certificate()
    assert root is not None
    path = f"/certificate?lang={language}"
    async with browser.get(path, headers=PAGE | came("http")) as answer:
        page = await answer.text()
        assert answer.status == 200
    for told in (
        words,
        "Windows 7",
        "iPhone",
        "Android",
        spaced(root.fingerprint(hashes.SHA256())),
    ):
        assert told in page
    async with browser.get("/certificate/authority.crt", headers=came("http")) as answer:
        assert x509.load_der_x509_certificate(await answer.read()) == root
    async with browser.get("/certificate/authority.pem", headers=came("http")) as answer:
        assert x509.load_pem_x509_certificate(await answer.read()) == root


async def test_beside_tls_a_plain_port_leads_to_it(tmp_path: Path) -> None:
    plain = free_port()
    folder, settings = tmp_path / "data", {"trusted_proxy": "127.0.0.1", "plain_port": str(plain)}
    with open_house(folder, tls="self-signed", **settings) as house:
        async with aiohttp.ClientSession() as browser:
            here = f"http://127.0.0.1:{plain}"
            async with browser.get(f"{here}/", headers=PAGE | came("http")) as answer:
                page = await answer.text()
                assert answer.status == 403
            assert f'href="{house.base}/"' in page
            async with browser.get(f"{here}/certificate/authority.pem") as answer:
                told = ssl.create_default_context(cadata=await answer.text())
            async with browser.get(f"{house.base}/healthz", ssl=told) as answer:
                assert answer.status == 200
            assert (
                trusting(Authority(folder / "keys" / "tls")).get_ca_certs() == told.get_ca_certs()
            )
