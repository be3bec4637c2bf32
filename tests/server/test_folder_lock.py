"""Two servers cannot share a data folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.supervisor.folder_lock import DataFolderBusyError, hold_data_folder

SLEEPER = (sys.executable, "-c", "import sys; sys.stdin.read()")


def test_a_second_server_in_one_data_folder_is_refused(tmp_path: Path) -> None:
    with (
        hold_data_folder(tmp_path / "data"),
        pytest.raises(DataFolderBusyError),
        hold_data_folder(tmp_path / "data"),
    ):
        pytest.fail("both held it")


def test_after_the_first_has_gone_the_folder_is_free(tmp_path: Path) -> None:
    with hold_data_folder(tmp_path):
        pass
    with hold_data_folder(tmp_path):
        pass


def test_the_folder_stays_locked_until_the_last_child_has_gone(tmp_path: Path) -> None:
    with hold_data_folder(tmp_path) as lock:
        child = subprocess.Popen(SLEEPER, stdin=subprocess.PIPE, pass_fds=(lock,))
    try:
        with pytest.raises(DataFolderBusyError), hold_data_folder(tmp_path):
            pytest.fail("the child still works in it")
    finally:
        child.communicate()
    with hold_data_folder(tmp_path):
        pass
