"""Before the first own password: nothing but that page, and nobody listens."""

import pytest

from tests.makers.installation import Installation

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
WORKER = 'name="events-worker" content="/static'
BADGE = 'data-controller="stream"'


async def test_the_page_of_a_one_time_password_opens_no_stream(installation: Installation) -> None:
    made = await installation.add_person("expert")
    async with installation.visitor() as visitor:
        await visitor.sign_in(made["login"], made["password"])
        _status, page = await visitor.page("/account")
        assert 'name="events-worker" content=""' in page
        assert BADGE not in page
        for path in ("/api/events", "/api/events/since?position=0"):
            status, refusal = await visitor.get(path)
            assert (status, refusal["code"]) == (403, "password-change-needed")


async def test_with_a_password_of_her_own_she_listens(installation: Installation) -> None:
    async with installation.person("expert") as person:
        _status, page = await person.visitor.page("/account")
        assert WORKER in page
        assert BADGE in page
        status, _told = await person.visitor.get("/api/events/since?position=0")
        assert status == 200
