"""Real files with their structure changed: each is taken, or refused for a reason that fits.

Every mutant goes through a real jail as the doors ask it; some more go through the doors themselves
(test_bombs.py). `LIANZHEN_SEED` repeats a run; LIANZHEN_MUTANTS makes a whole one shorter.
"""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from imaging.errors import JailError, JailRefusedError
from imaging.jail.client import Jail
from tests.campaigns.seeds import is_whole, make_seed
from tests.campaigns.verdicts import misjudged
from tests.makers.jails import JAIL_LOG, RunningJail, files, running_jail
from tests.makers.mutants import mutate
from tests.makers.seedlings import Seedling, read_corpus

MUTANTS = int(os.environ.get("LIANZHEN_MUTANTS", "200000")) if is_whole() else 150
WITHIN_S = 30.0
AT_ONCE = 2
_FILES_OF_AN_ARCHIVE = 5
_LOADED_WITHIN_S = 120.0
_TOLD_EVERY = 2000
pytestmark = pytest.mark.timeout(0 if is_whole() else 240)


@dataclass
class Trial:
    """Asks the jail of each mutant, and keeps what should not have happened."""

    jail: RunningJail
    corpus: list[Seedling]
    seed: str
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    unchanged: dict[str, str] = field(default_factory=dict)
    slowest_s: float = 0.0

    def make(self, number: int) -> tuple[Seedling, str, bytes]:
        """The mutant of this number."""
        chance = random.Random(f"{self.seed} {number}")  # noqa: S311 - no secret
        seedling = chance.choice(self.corpus)
        return seedling, *mutate(seedling, chance)

    def run(self, number: int) -> None:
        """Judge one mutant."""
        seedling, ways, data = self.make(number)
        started = time.monotonic()
        outcome = self.ask(data)
        took_s = time.monotonic() - started
        self.outcomes[outcome] += 1
        self.slowest_s = max(self.slowest_s, took_s)
        fault = misjudged(seedling, ways, data, outcome)
        if ways == "pixels" and outcome != self._before(seedling):
            fault = "no reader can tell pixels from others"
        if fault is None and took_s > WITHIN_S:
            fault = f"took {took_s:.0f} s"
        if fault is not None:
            self.faults.append(f"{number} {seedling.name} {ways}: {outcome}, {fault}")
        if number % _TOLD_EVERY == 0:
            print(number, len(self.faults), dict(self.outcomes.most_common(6)), flush=True)  # noqa: T201

    def _before(self, seedling: Seedling) -> str:
        if seedling.name not in self.unchanged:
            self.unchanged[seedling.name] = self.ask(seedling.data)
        return self.unchanged[seedling.name]

    def ask(self, data: bytes) -> str:
        """The verdict as a door would have it."""
        with files(data, b"", b"", b"") as (given, *outputs):
            outcome = self._take(given, outputs)
            return self._look_into(given, outputs) if outcome == "is-archive" else outcome

    def _take(self, given: int, outputs: list[int]) -> str:
        try:
            told = self._run("take", {"filename": "a"}, inputs=[given], outputs=outputs)
        except JailRefusedError as refused:
            return str(refused.facts.get("after", refused.reason))
        except JailError as error:
            return str(error)
        return str(told["reason"] or told["verdict"])

    def _look_into(self, given: int, outputs: list[int]) -> str:
        """An archive is as bad as the worst of its files."""
        try:
            entries = self._run("zip_list", {}, inputs=[given])["entries"]
        except JailError as error:
            return str(error)
        for entry in entries[:_FILES_OF_AN_ARCHIVE]:
            with files(b"") as (taken,):
                try:
                    params = {"index": entry["index"]}
                    self._run("zip_extract", params, inputs=[given], outputs=[taken])
                except JailRefusedError:
                    continue
                except JailError as error:
                    return str(error)
                outcome = self._take(taken, outputs)
                if outcome.startswith(("decoder", "jail")):
                    return outcome
        return "archive"

    def _run(self, job: str, params: dict[str, Any], **descriptors: list[int]) -> dict[str, Any]:
        return self.jail.client.run_blocking(job, params, **descriptors)


@pytest.fixture(scope="module")
def jail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningJail]:
    """A jail of this module's own, whose log is read; nobody waits while it loads."""
    with running_jail(tmp_path_factory.mktemp("mutants")) as running:
        Jail(running.socket, timeout_s=_LOADED_WITHIN_S).run_blocking("ping", {})
        yield running


def test_every_mutant_gets_a_verdict_that_fits(jail: RunningJail, real_files: Path) -> None:
    seed = make_seed("mutants")
    trial = Trial(jail, read_corpus(real_files), str(seed.random()))
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in threads.map(trial.run, range(MUTANTS)):
            pass
    deaths = _deaths(jail.socket.parent / JAIL_LOG)
    print(  # noqa: T201 - the campaign's answer
        f"mutants: {MUTANTS} in {time.monotonic() - started:.0f} s, slowest"
        f" {trial.slowest_s:.1f} s, deaths {dict(deaths)},"
        f" outcomes {dict(trial.outcomes.most_common())}"
    )
    assert trial.faults == []
    assert [death for death in deaths if not death.startswith("signal")] == []


def test_a_verdict_that_does_not_fit_is_seen(real_files: Path) -> None:
    corpus = {each.name: each for each in read_corpus(real_files)}
    whole = corpus["dicom/explicit-vr-le/MR_small.dcm"]
    cut = whole.data[:-4000]
    assert misjudged(whole, "cut", cut, "cut-short") is None
    assert misjudged(whole, "cut", cut, "accepted") is not None
    assert misjudged(whole, "flip", whole.data, "damaged-picture") is not None
    assert misjudged(whole, "flip", whole.data, "jail-crashed") is not None


def _deaths(log: Path) -> Counter[str]:
    """How children ended that gave no answer: by a signal, or at which line of ours."""
    told = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line[:1] == "{"]
    return Counter(
        f"signal {each['signal']}" if each["signal"] else f"{each['error']} at {each['at']}"
        for each in told
        if each.get("event") == "jail-child-died"
    )
