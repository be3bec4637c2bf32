"""What a long campaign has seen so far; a file keeps it, so that several runs add up to one."""

import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

_KEPT_EVERY = 250


@dataclass
class Tally:
    """Everything below `done` was run; `LIANZHEN_STATE` names the file that is gone on with."""

    seed: str
    path: Path | None = None
    done: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _began_s: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, outcome: str, took_s: float) -> None:
        """One more was judged; any thread may call."""
        with self._lock:
            self.outcomes[outcome] += 1
            self.slowest_s = max(self.slowest_s, took_s)

    def move_to(self, number: int) -> bool:
        """Everything up to this number was run; whether it is time to keep it."""
        self.done = number + 1
        return self.done % _KEPT_EVERY == 0

    def keep(self, *, deaths: Counter[str]) -> None:
        """Write it down, whole or not at all, and say it."""
        self.deaths = deaths
        now_s = time.monotonic()
        self.seconds, self._began_s = self.seconds + now_s - self._began_s, now_s
        print(self, flush=True)  # noqa: T201 - the campaign's answer
        if self.path is None:
            return
        told = {
            "seed": self.seed,
            "done": self.done,
            "seconds": round(self.seconds),
            "slowest_s": round(self.slowest_s, 1),
            "outcomes": dict(self.outcomes),
            "deaths": dict(self.deaths),
            "faults": self.faults,
        }
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(told, indent=1), "utf-8")
        beside.replace(self.path)

    def __str__(self) -> str:
        rate = self.done / self.seconds if self.seconds else 0
        return (
            f"{self.done} in {self.seconds:.0f} s ({rate:.1f} a second), slowest"
            f" {self.slowest_s:.1f} s, {len(self.faults)} faults, deaths {dict(self.deaths)},"
            f" outcomes {dict(self.outcomes.most_common())}"
        )


def open_tally(seed: str) -> Tally:
    """Begin, or go on where an earlier run with this seed was stopped."""
    named = os.environ.get("LIANZHEN_STATE")
    if named is None:
        return Tally(seed)
    path = Path(named)
    if not path.exists():
        return Tally(seed, path)
    told = json.loads(path.read_text("utf-8"))
    if told["seed"] != seed:
        raise ValueError(f"{path} is of another seed: LIANZHEN_SEED={told['seed']}")
    return Tally(
        seed,
        path,
        told["done"],
        told["seconds"],
        told["slowest_s"],
        Counter(told["outcomes"]),
        Counter(told["deaths"]),
        told["faults"],
    )
