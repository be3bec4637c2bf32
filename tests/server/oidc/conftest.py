"""A hospital's identity provider, and a server that knows it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.makers.house import House
from tests.makers.installation import ADMIN, ADMIN_PASSWORD, SET_UP, Installation
from tests.makers.oidc_provider import run_provider
from tests.makers.provided import open_provided
from tests.makers.visitor import Visitor


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider."""
    with run_provider() as running:
        yield running


@pytest.fixture(scope="module")
def provided(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that knows the provider, and takes passwords from administrators only."""
    with open_provided(tmp_path_factory.mktemp("provided"), issuer) as house:
        yield house


@pytest.fixture
async def clinic(provided: House) -> AsyncIterator[Installation]:
    """The server after its set-up."""
    async with Visitor(provided.base) as admin:
        if (await admin.send("/api/setup", SET_UP))[0] == 200:
            await admin.read_token()
        else:
            await admin.sign_in(ADMIN, ADMIN_PASSWORD)
        yield Installation(provided, admin)
