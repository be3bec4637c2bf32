"""The supervisor with real processes: restart, drain, and dying together."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from server.supervisor.child import CANNOT_START, Child, ChildSpec

ROOT = Path(__file__).parents[2]
# a child says its process id, and on SIGTERM that it has drained
POLITE = """
    import os, pathlib, signal, sys, time
    place = pathlib.Path(sys.argv[1])
    def drain(*_):
        place.with_suffix(".drained").write_text("yes")
        sys.exit(0)
    signal.signal(signal.SIGTERM, drain)
    place.write_text(str(os.getpid()))
    while True:
        time.sleep(60)
"""
STUBBORN = POLITE.replace(
    "signal.signal(signal.SIGTERM, drain)", "signal.signal(15, signal.SIG_IGN)"
)
# as the web process does: all is loaded, and nothing done before a byte comes
SPARE = POLITE.replace(
    "place.write_text(str(os.getpid()))",
    """place.with_suffix(".spare").write_text(str(os.getpid()))
    if not sys.stdin.buffer.read(1):
        sys.exit(0)
    place.write_text(str(os.getpid()))""",
)
DOOMED = f"""
    import sys
    sys.exit({CANNOT_START})
"""
T = TypeVar("T")
pytestmark = pytest.mark.server
Starter = Callable[..., "Family"]


class Family:
    """One supervisor, and files in which its children leave their process ids."""

    def __init__(
        self, folder: Path, children: dict[str, str], drain_s: float, spares: dict[str, str]
    ) -> None:
        self.folder = folder
        specs = [
            f"ChildSpec({name!r}, {self._argv(name, code)}, spare_after_s=0.1,"
            f" spare_argv={self._argv(name, spares[name]) if name in spares else ()})"
            for name, code in children.items()
        ]
        program = f"""
import sys
from server.logs import configure_logs
from server.supervisor.child import ChildSpec
from server.supervisor.supervisor import Supervisor
configure_logs(process="supervisor", log_format="json")
sys.exit(Supervisor([{", ".join(specs)}], drain_s={drain_s}).run())
"""
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE
        )

    def _argv(self, name: str, code: str) -> str:
        return f"(sys.executable, '-c', {textwrap.dedent(code)!r}, {str(self.folder / name)!r})"

    def spare_of(self, name: str, *, other_than: int | None = None) -> int:
        """The process id of the child's spare one, once it has told one."""
        return self.pid_of(f"{name}.spare", other_than=other_than)

    def pid_of(self, name: str, *, other_than: int | None = None) -> int:
        """The child's process id, once it has told one."""
        return wait_for(lambda: self._read_pid(name, other_than))

    def _read_pid(self, name: str, other_than: int | None) -> int | None:
        path = self.folder / name
        text = path.read_text() if path.exists() else ""
        return int(text) if text and int(text) != other_than else None

    def has_drained(self, name: str) -> bool:
        return (self.folder / name).with_suffix(".drained").exists()


def wait_for(see: Callable[[], T | None], *, limit_s: float = 8) -> T:
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        seen = see()
        if seen is not None:
            return seen
        time.sleep(0.02)
    pytest.fail("nothing happened in time")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    families: list[Family] = []

    def make(
        *, drain_s: float = 10, spares: dict[str, str] | None = None, **children: str
    ) -> Family:
        families.append(Family(tmp_path, children, drain_s, spares or {}))
        return families[-1]

    yield make
    for family in families:
        family.process.kill()
        family.process.communicate()


def test_a_child_that_is_killed_comes_back(start: Starter) -> None:
    family = start(web=POLITE, worker=POLITE)
    first, neighbour = family.pid_of("web"), family.pid_of("worker")
    os.kill(first, signal.SIGKILL)
    second = family.pid_of("web", other_than=first)
    assert is_alive(second)
    assert family.pid_of("worker") == neighbour
    assert is_alive(neighbour)


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(start: Starter) -> None:
    family = start(web='import sys; open(sys.argv[1], "a").write("x")')
    time.sleep(2.5)
    family.process.terminate()
    family.process.wait(5)
    assert 2 <= len((family.folder / "web").read_text()) <= 6


def test_the_first_death_is_made_good_at_once_and_the_next_ones_wait_longer() -> None:
    child = Child(ChildSpec("web", (sys.executable, "-c", "import sys; sys.exit(1)")))
    pauses_s = []
    for _ in range(3):
        child.start()
        wait_for(child.find_exit, limit_s=60)
        pauses_s.append(child.due_s - time.monotonic())
    assert pauses_s[0] <= 0 < pauses_s[1] < pauses_s[2]


def test_a_spare_one_takes_the_place_of_a_child_that_is_killed_and_another_stands_by(
    start: Starter,
) -> None:
    family = start(web=POLITE, spares={"web": SPARE})
    first, spare = family.pid_of("web"), family.spare_of("web")
    assert first != spare
    os.kill(first, signal.SIGKILL)
    assert family.pid_of("web", other_than=first) == spare
    second_spare = family.spare_of("web", other_than=spare)
    os.kill(spare, signal.SIGKILL)
    assert family.pid_of("web", other_than=spare) == second_spare


def test_a_spare_one_that_is_dead_keeps_nobody_from_coming_back(start: Starter) -> None:
    family = start(web=POLITE, spares={"web": SPARE})
    first, spare = family.pid_of("web"), family.spare_of("web")
    os.kill(spare, signal.SIGKILL)
    os.kill(first, signal.SIGKILL)
    assert is_alive(family.pid_of("web", other_than=first))


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGKILL])
def test_a_spare_one_ends_with_its_supervisor(start: Starter, told: int) -> None:
    family = start(web=POLITE, spares={"web": SPARE})
    family.pid_of("web")
    spare = family.spare_of("web")
    family.process.send_signal(told)
    family.process.wait(10)
    wait_for(lambda: not is_alive(spare) or None)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_every_child_finish_and_ends_with_zero(start: Starter, told: int) -> None:
    family = start(web=POLITE, worker=POLITE)
    pids = [family.pid_of("web"), family.pid_of("worker")]
    family.process.send_signal(told)
    assert family.process.wait(5) == 0
    assert family.has_drained("web")
    assert family.has_drained("worker")
    assert not any(is_alive(pid) for pid in pids)


def test_a_child_that_will_not_end_is_killed_when_the_time_is_over(start: Starter) -> None:
    family = start(drain_s=1, web=STUBBORN, worker=POLITE)
    pids = [family.pid_of("web"), family.pid_of("worker")]
    begun_s = time.monotonic()
    family.process.terminate()
    assert family.process.wait(5) == 0
    assert time.monotonic() - begun_s < 3
    assert family.has_drained("worker")
    assert not any(is_alive(pid) for pid in pids)


def test_children_die_with_a_supervisor_that_is_killed(start: Starter) -> None:
    family = start(web=POLITE, worker=STUBBORN)
    pids = [family.pid_of("web"), family.pid_of("worker")]
    family.process.kill()
    family.process.wait()
    wait_for(lambda: not any(is_alive(pid) for pid in pids) or None, limit_s=2)


def test_a_child_that_cannot_start_ends_the_server_instead_of_circling(start: Starter) -> None:
    family = start(worker=POLITE, web=DOOMED)
    assert family.process.wait(5) == CANNOT_START
    assert family.process.stderr is not None
    assert b'"exit_code": 78' in family.process.stderr.read()
