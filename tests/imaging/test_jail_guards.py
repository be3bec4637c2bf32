"""A child of the jail can do nothing but its job; each guard is shown to be what stops it."""

import errno
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imaging.errors import (
    JailCrashedError,
    JailRefusedError,
    JailTimedOutError,
    JailUnavailableError,
)
from imaging.jail.client import Jail
from imaging.jail.landlock import landlock_abi
from tests.makers.hostile import sound_picture
from tests.makers.jails import RunningJail, content, files, running_jail
from tests.makers.pictures import make_jpeg

PROBES = ("--jobs", "tests.makers.probe_jobs")
OPEN = ("--without", "seccomp", "--without", "landlock", "--without", "rlimits")


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningJail]:
    """All walls up."""
    folder = tmp_path_factory.mktemp("walls")
    with running_jail(folder, *PROBES, "--wall-s", "2", "--cpu-s", "8") as running:
        yield running


@pytest.fixture(scope="module")
def unwalled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningJail]:
    """No walls: the control of every guard."""
    folder, patient = tmp_path_factory.mktemp("open"), ("--wall-s", "60")
    with running_jail(folder, *PROBES, *OPEN, *patient, timeout_s=60) as running:
        yield running


@pytest.mark.parametrize("attempt", ["open_passwd", "fork", "execute", "trace", "kill_parent"])
def test_a_child_cannot_break_out(probes: RunningJail, attempt: str) -> None:
    assert not probes.client.run_blocking(attempt, {})["done"]


@pytest.mark.parametrize("attempt", ["open_passwd", "fork", "execute", "trace", "kill_parent"])
def test_without_the_walls_the_same_attempt_succeeds(unwalled: RunningJail, attempt: str) -> None:
    assert unwalled.client.run_blocking(attempt, {})["done"]


def test_a_child_cannot_connect(probes: RunningJail, unwalled: RunningJail, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as outside:
        outside.bind(str(tmp_path / "outside"))
        outside.listen()
        where = {"path": str(tmp_path / "outside")}
        assert not probes.client.run_blocking("connect", where)["done"]
        assert unwalled.client.run_blocking("connect", where)["done"]


def test_landlock_alone_denies_every_path(tmp_path: Path) -> None:
    walls = ("--without", "seccomp", "--without", "rlimits")
    with running_jail(tmp_path, *PROBES, *walls) as running:
        opened = running.client.run_blocking("open_passwd", {})
    assert opened["done"] == (landlock_abi() == 0)


def test_seccomp_alone_denies_every_path(tmp_path: Path) -> None:
    with running_jail(tmp_path, *PROBES, "--without", "landlock") as running:
        assert not running.client.run_blocking("open_passwd", {})["done"]


def test_a_child_holds_its_own_descriptors_and_no_other(probes: RunningJail) -> None:
    with files(b"in", b"") as (given, made):
        seen = probes.client.run_blocking("descriptors", {}, inputs=[given], outputs=[made])
    assert seen == {"open": [0, 1, 2, 3, 4, 5], "given": [4, 5]}


def test_ping_names_the_active_layers(probes: RunningJail, unwalled: RunningJail) -> None:
    expected = ["rlimits", "no-new-privileges", "seccomp"]
    if landlock_abi():
        expected.insert(2, "landlock")
    assert probes.client.run_blocking("ping", {})["layers"] == expected
    assert unwalled.client.run_blocking("ping", {})["layers"] == ["no-new-privileges"]


def test_the_socket_is_its_owners_alone(probes: RunningJail) -> None:
    assert probes.socket.stat().st_mode & 0o777 == 0o600


def test_a_job_that_never_ends_is_ended(probes: RunningJail) -> None:
    started = time.monotonic()
    with pytest.raises(JailTimedOutError):
        probes.client.run_blocking("hang", {})
    assert time.monotonic() - started < 5


def test_a_callers_own_time_limit_is_kept(unwalled: RunningJail) -> None:
    impatient = Jail(unwalled.socket, timeout_s=0.5)
    with pytest.raises(JailTimedOutError):
        impatient.run_blocking("hang", {})


def test_a_memory_bomb_ends_at_the_limit(probes: RunningJail, unwalled: RunningJail) -> None:
    with pytest.raises(JailRefusedError) as refused:
        probes.client.run_blocking("fill_memory", {"bytes": 2 << 30})
    assert refused.value.reason == "too-large"
    assert unwalled.client.run_blocking("fill_memory", {"bytes": 1200 << 20})["filled"]


def test_an_endless_answer_is_not_passed_on(probes: RunningJail) -> None:
    with pytest.raises(JailCrashedError):
        probes.client.run_blocking("babble", {})


def test_a_crash_leaves_the_others_working(probes: RunningJail) -> None:
    verdicts: list[str] = []

    def work() -> None:
        verdicts.extend(probes.inspect(sound_picture())["verdict"] for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        with pytest.raises(JailCrashedError):
            probes.client.run_blocking("crash", {})
    for thread in threads:
        thread.join()
    assert verdicts == ["accepted"] * 20


@pytest.mark.parametrize("params", [{}, {"verdict": "yes"}])
def test_a_disk_without_room_is_no_fault_of_the_file(
    probes: RunningJail, params: dict[str, str]
) -> None:
    with Path("/dev/full").open("wb") as full, pytest.raises(OSError, match="No space") as told:
        probes.client.run_blocking("write", params, outputs=[full.fileno()])
    assert told.value.errno == errno.ENOSPC


def test_a_picture_that_kills_its_decoder_keeps_the_object(probes: RunningJail) -> None:
    answer = probes.inspect(sound_picture(), filename="crash.dcm")
    assert (answer["verdict"], answer["reason"]) == (
        "accepted-without-picture",
        "decoder-crashed",
    )
    assert answer["facts"]["sop_instance_uid"] == "2.25.77"
    assert answer["preview"] == b""


def test_a_photograph_that_kills_its_decoder_is_refused(probes: RunningJail) -> None:
    with pytest.raises(JailRefusedError) as refused:
        probes.inspect(make_jpeg(), filename="crash.dcm")
    assert refused.value.reason == "damaged-picture"
    assert refused.value.facts == {"after": "decoder-crashed"}


def test_a_full_queue_says_so_at_once(tmp_path: Path) -> None:
    arguments = ("--concurrency", "1", "--queue", "1", "--wall-s", "1")
    outcomes: list[str] = []
    with running_jail(tmp_path, *PROBES, *arguments) as running:

        def ask() -> None:
            try:
                running.client.run_blocking("hang", {})
            except (JailTimedOutError, JailUnavailableError) as error:
                outcomes.append(error.code)

        threads = [threading.Thread(target=ask) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes.count("jail-timed-out") >= 1
    assert outcomes.count("jail-busy") >= 1


def test_a_moment_without_room_for_a_process_is_waited_out(tmp_path: Path) -> None:
    with running_jail(tmp_path) as running:
        pid = running.process.pid
        running.client.run_blocking("ping", {})
        whole = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        only_the_connection = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()) + 1
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (only_the_connection, whole[1]))
        later = threading.Timer(1.0, resource.prlimit, (pid, resource.RLIMIT_NOFILE, whole))
        later.start()
        assert running.client.run_blocking("ping", {})["layers"]
        assert not later.is_alive()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (only_the_connection, whole[1]))
        with pytest.raises(JailUnavailableError):
            running.client.run_blocking("ping", {})


def test_nonsense_on_the_socket_disturbs_nobody(probes: RunningJail) -> None:
    for nonsense in (b"", b"\xff" * 64, b"\0\0\0\2[]", b"\0\0\0\5hello", b"\0\0\0\2{}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
            stranger.settimeout(60)
            stranger.connect(str(probes.socket))
            stranger.sendall(nonsense)
            if nonsense:
                assert stranger.recv(16) == b""
    assert probes.client.run_blocking("ping", {})["layers"]


def test_wrong_parameters_are_refused_by_name(jail: RunningJail) -> None:
    with pytest.raises(JailRefusedError) as unknown:
        jail.client.run_blocking("format-disk", {})
    assert unknown.value.reason == "unknown-job"
    with files(sound_picture(), b"") as (given, made), pytest.raises(JailRefusedError) as wrong:
        jail.client.run_blocking("render", {"frame": "x"}, inputs=[given], outputs=[made])
    assert (wrong.value.reason, wrong.value.facts) == ("invalid-params", {"param": "frame"})
    with pytest.raises(JailRefusedError) as missing:
        jail.client.run_blocking("inspect", {})
    assert missing.value.facts == {"param": "descriptors"}


def test_the_jail_ends_when_its_parent_lets_go(tmp_path: Path) -> None:
    with running_jail(tmp_path) as running:
        assert running.client.run_blocking("ping", {})
    assert running.process.returncode == 0


def test_a_jail_that_is_down_is_said_to_be_so_and_found_again(tmp_path: Path) -> None:
    with running_jail(tmp_path) as running:
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(5)
    answers: list[dict] = []
    asking = threading.Thread(
        target=lambda: answers.append(Jail(running.socket, restart_s=60).run_blocking("ping", {}))
    )
    asking.start()
    with running_jail(tmp_path):
        asking.join()
    assert answers[0]["layers"]
    os.unlink(running.socket)  # noqa: PTH108  # the socket of a jail that has ended
    with pytest.raises(JailUnavailableError):
        Jail(running.socket, timeout_s=1).run_blocking("ping", {})


async def test_the_loop_is_free_while_the_jail_works(jail: RunningJail) -> None:
    with files(sound_picture(), b"", b"") as (given, preview, thumbnail):
        answer = await jail.client.run(
            "inspect", {"filename": "a"}, inputs=[given], outputs=[preview, thumbnail]
        )
        assert answer["verdict"] == "accepted"
        assert content(preview).startswith(b"\xff\xd8")
