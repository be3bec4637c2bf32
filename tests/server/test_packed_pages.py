"""A page goes out packed where one of ours asks for it, and never for another site (0338)."""

import pytest

from tests.makers.house import House
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]
_PAGE = "/sign-in"


async def packed(house: House, site: str | None) -> tuple[str | None, str]:
    """How a page came that was asked for from there, and what it says."""
    told = {} if site is None else {"Sec-Fetch-Site": site}
    async with Visitor(house.base) as visitor:
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip", **told}
        async with visitor.raw.get(_PAGE, headers=headers) as answer:
            assert answer.status == 200
            return answer.headers.get("Content-Encoding"), await answer.text()


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_one_of_our_pages_gets_it_packed(founded_house: House, site: str) -> None:
    how, text = await packed(founded_house, site)
    assert how == "gzip"
    assert "</html>" in text


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
async def test_another_site_learns_nothing_by_its_length(
    founded_house: House, site: str | None
) -> None:
    how, text = await packed(founded_house, site)
    assert how is None
    assert "</html>" in text
