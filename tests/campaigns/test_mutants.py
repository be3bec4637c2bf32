"""Real files with their structure changed: each is taken, or refused for a reason that fits.

Every mutant goes through a real jail as the doors ask it; some more go through the doors themselves
(test_bombs.py). What is taken is asked again as it is asked later: drawn, taken apart, transcoded,
and looked at between others. `LIANZHEN_SEED` repeats a run; LIANZHEN_MUTANTS makes a whole one
shorter; LIANZHEN_STATE names a file by which several runs add up to one.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imaging.jail.client import Jail
from tests.campaigns.seeds import is_whole, make_seed
from tests.campaigns.tally import open_tally
from tests.campaigns.trial import Trial
from tests.campaigns.verdicts import misjudged, misjudged_later
from tests.makers.jails import JAIL_LOG, RunningJail, running_jail
from tests.makers.seedlings import read_corpus

MUTANTS = int(os.environ.get("LIANZHEN_MUTANTS", "200000")) if is_whole() else 150
AT_ONCE = 2
_LOADED_WITHIN_S = 120.0
pytestmark = pytest.mark.timeout(0 if is_whole() else 240)


@pytest.fixture(scope="module")
def jail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningJail]:
    """A jail of this module's own, whose log is read; nobody waits while it loads."""
    with running_jail(tmp_path_factory.mktemp("mutants")) as running:
        Jail(running.socket, timeout_s=_LOADED_WITHIN_S).run_blocking("ping", {})
        yield running


def test_every_mutant_gets_a_verdict_that_fits(jail: RunningJail, real_files: Path) -> None:
    tally = open_tally(str(make_seed("mutants").random()))
    log = jail.socket.parent / JAIL_LOG
    before = tally.deaths
    trial = Trial(jail, read_corpus(real_files), tally)
    trial.find_calm()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in threads.map(trial.run, range(tally.done, MUTANTS)):
            if tally.move_to(number):
                tally.keep(deaths=before + _deaths(log))
    tally.keep(deaths=before + _deaths(log))
    assert tally.faults == []
    assert [death for death in tally.deaths if not death.startswith("signal")] == []


def test_a_campaign_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANZHEN_STATE", str(tmp_path / "state.json"))
    first = open_tally("7")
    first.note("accepted", 0.5)
    first.faults.append("one")
    assert not first.move_to(0)
    first.keep(deaths=Counter({"signal 11": 1}))
    again = open_tally("7")
    assert (again.done, again.faults, again.outcomes) == (1, ["one"], Counter(accepted=1))
    assert again.deaths == {"signal 11": 1}
    with pytest.raises(ValueError, match="another seed"):
        open_tally("8")


def test_a_verdict_that_does_not_fit_is_seen(real_files: Path) -> None:
    corpus = {each.name: each for each in read_corpus(real_files)}
    whole = corpus["dicom/explicit-vr-le/MR_small.dcm"]
    cut = whole.data[:-4000]
    assert misjudged(whole, "cut", cut, "cut-short") is None
    assert misjudged(whole, "cut", cut, "accepted") is not None
    assert misjudged(whole, "flip", whole.data, "damaged-picture") is not None
    assert misjudged(whole, "flip", whole.data, "jail-crashed") is not None
    assert misjudged_later("render", "no-picture") is None
    assert misjudged_later("render", "damaged-zip") is not None


def _deaths(log: Path) -> Counter[str]:
    """How children ended that gave no answer: by a signal, at a line of ours, or by themselves."""
    told = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line[:1] == "{"]
    return Counter(_ending(each) for each in told if each.get("event") == "jail-child-died")


def _ending(told: dict[str, Any]) -> str:
    if told["signal"]:
        return f"signal {told['signal']}"
    return f"{told['error']} at {told['at']}" if told["error"] else f"code {told['code']}"
