"""A jail that is not there is another finding than one that a busy machine has not finished."""

import sys

from server.cli.doctor_jail import examine_jail

SLEEPS = (sys.executable, "-c", "import time; time.sleep(600)")
GIVES_UP = (sys.executable, "-c", "raise SystemExit(1)")


def test_a_jail_that_gives_up_is_not_there() -> None:
    finding = examine_jail(GIVES_UP)
    assert (finding.is_well, "no jail here" in finding.message) == (False, True)


def test_a_jail_that_has_not_answered_yet_is_said_so() -> None:
    finding = examine_jail(SLEEPS, patience_s=0)
    assert (finding.is_well, "too busy to tell" in finding.message) == (False, True)


def test_a_jail_that_stands_names_its_walls() -> None:
    finding = examine_jail()
    assert finding.is_well
    assert "seccomp" in finding.names
