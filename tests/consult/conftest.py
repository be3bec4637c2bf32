"""What the tests of the rules begin with: a consortium on a fresh database, and a seal."""

import pytest

from consult.reports.seal import SystemSeal, load_seal
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, make_consortium


@pytest.fixture
def world(clinic: Clinic) -> Consortium:
    """A consortium on the morning of the tests."""
    return make_consortium(clinic)


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> SystemSeal:
    """An installation's seal."""
    return load_seal(tmp_path_factory.mktemp("keys"))
