"""A test of a browser that failed is run a second time, in a house that nobody has used."""

from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol

AGAIN: Final[Any] = "rerun"
"""How the first of two runs ended, beside pytest's own passed, failed and skipped."""


def run(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run it, and where it failed once more after everything that files and sessions share is gone.

    What one run leaves in a server (a picture that was seen, a case that is held) would otherwise
    be in the way of the next one.
    """
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(report.failed for report in reports):
        for report in reports:
            if report.failed:
                report.outcome = AGAIN
                item.ihook.pytest_runtest_logreport(report=report)
        # what pytest itself calls with the item that comes next; with none, all fixtures end
        item.session._setupstate.teardown_exact(None)
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
