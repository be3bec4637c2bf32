"""One mutant and the jail: asked as the doors ask it, and what it said held against what fits."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from imaging.calm import OUTPUTS_EACH
from imaging.errors import JailCrashedError, JailError, JailRefusedError, JailTimedOutError
from tests.campaigns.tally import Tally
from tests.campaigns.verdicts import is_taken, misjudged, misjudged_later
from tests.makers.jails import RunningJail, content, files
from tests.makers.mutants import mutate
from tests.makers.seedlings import Seedling

WITHIN_S = 30.0
_FILES_OF_AN_ARCHIVE = 5
_TOGETHER_OF = 8
_NATIVE = ("dicom/explicit-vr-le/", "dicom/implicit-vr-le/", "dicom/structured-report/")
_LATER: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("render", {}, 1),
    ("render", {"centre": 40, "width": 400, "max_width": 200, "max_height": 200}, 1),
    ("frames", {"frames": "1"}, 1),
    ("frames", {"frames": "1", "as": "stored"}, 1),
    ("transcode", {}, 1),
    ("bulk", {"path": "7FE00010"}, 1),
    ("document", {}, 0),
    ("compare", {}, 0),
)
"""What doors ask later of an object that was taken."""
Looked = tuple[dict[str, Any], list[bytes]]


@dataclass
class Trial:
    """Asks the jail of each mutant, and keeps what should not have happened."""

    jail: RunningJail
    corpus: list[Seedling]
    tally: Tally
    unchanged: dict[str, str] = field(default_factory=dict)
    calm: list[tuple[bytes, Looked]] = field(default_factory=list)

    def find_calm(self) -> None:
        """Sound objects of native pixels, and what is seen in each of them alone."""
        for each in self.corpus:
            if each.name.startswith(_NATIVE):
                told, written = self._receive_many([each.data])
                if told["is_calm"]:
                    self.calm.append((each.data, (told["told"][0], written)))

    def make(self, number: int) -> tuple[Seedling, str, bytes, random.Random]:
        """The mutant of this number, and the chance that decides what else is asked of it."""
        chance = random.Random(f"{self.tally.seed} {number}")  # noqa: S311 - no secret
        seedling = chance.choice(self.corpus)
        return seedling, *mutate(seedling, chance), chance

    def run(self, number: int) -> int:
        """Judge one mutant."""
        seedling, ways, data, chance = self.make(number)
        started = time.monotonic()
        outcome = self.ask(data)
        took_s = time.monotonic() - started
        self.tally.note(outcome, took_s)
        found = [misjudged(seedling, ways, data, outcome)]
        if ways == "pixels" and outcome != self._before(seedling):
            found.append("no reader can tell pixels from others")
        if took_s > WITHIN_S:
            found.append(f"took {took_s:.0f} s")
        if is_taken(outcome, data):
            found.append(self._ask_later(data, chance))
            if chance.randrange(_TOGETHER_OF) == 0:
                found.append(self._ask_together(data, chance))
        for fault in filter(None, found):
            self.tally.faults.append(f"{number} {seedling.name} {ways}: {outcome}, {fault}")
        return number

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

    def _ask_later(self, data: bytes, chance: random.Random) -> str | None:
        """One of the jobs that read a stored object."""
        job, params, outputs = chance.choice(_LATER)
        started = time.monotonic()
        with files(data, *[b""] * outputs) as (given, *made):
            try:
                self._run(job, params, inputs=[given], outputs=made)
            except JailError as error:
                outcome = str(error)
            else:
                outcome = "answered"
        self.tally.note(f"{job}: {outcome}", time.monotonic() - started)
        return misjudged_later(job, outcome)

    def _ask_together(self, data: bytes, chance: random.Random) -> str | None:
        """Between two calm neighbours: nothing of it reaches them, and nothing of them it."""
        before, behind = chance.sample(self.calm, 2)
        try:
            told, written = self._receive_many([before[0], data, behind[0]])
        except (JailCrashedError, JailTimedOutError) as error:
            self.tally.note(f"together: {error}", 0.0)
            return None
        self.tally.note(f"together: {'calm' if told['is_calm'] else 'each alone'}", 0.0)
        if not told["is_calm"]:
            return None
        alone = [before[1], self._receive(data), behind[1]]
        together = [
            (each, written[OUTPUTS_EACH * at : OUTPUTS_EACH * (at + 1)])
            for at, each in enumerate(told["told"])
        ]
        return None if together == alone else "seen otherwise beside others than alone"

    def _receive_many(self, some: list[bytes]) -> Looked:
        with files(*some, *[b""] * OUTPUTS_EACH * len(some)) as opened:
            inputs, outputs = opened[: len(some)], opened[len(some) :]
            told = self._run("receive_many", {}, inputs=inputs, outputs=outputs)
            return told, [content(each) for each in outputs]

    def _receive(self, data: bytes) -> Looked:
        with files(data, *[b""] * OUTPUTS_EACH) as (given, *outputs):
            told = self._run("receive", {}, inputs=[given], outputs=outputs)
            return told, [content(each) for each in outputs]

    def _run(
        self,
        job: str,
        params: dict[str, Any],
        *,
        inputs: Sequence[int] = (),
        outputs: Sequence[int] = (),
    ) -> dict[str, Any]:
        return self.jail.client.run_blocking(job, params, inputs=inputs, outputs=outputs)
