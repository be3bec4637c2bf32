"""The agent starts from a folder, with the standard library and nothing that Windows lacks."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.make_watch_folder import main, needed
from tests.makers.pictures import make_jpeg

# what a Python on Windows has not, and what ours must not ask for
_WITHOUT = """
import asyncio, os, shutil, subprocess, sys, tempfile  # the standard library's own, first
posix = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "readline", "curses"}
class Refusing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in posix or not (top in sys.stdlib_module_names or top in {"edge", "imaging"}):
            raise ImportError(name)
        if top in {"edge", "imaging"}:
            return None
        return None
for name in posix:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Refusing())
for name in ("fork", "pread", "pwrite", "memfd_create", "fdatasync", "getuid", "chown",
             "posix_fallocate", "sendfile", "killpg", "setsid", "O_CLOEXEC"):
    if hasattr(os, name):
        delattr(os, name)
sys.path.insert(0, sys.argv[1])
"""
_WORK = """
from edge.agent import open_agent
from edge.dicom import CameraDoor
from edge.settings import Settings
from pathlib import Path
folder, state = Path(sys.argv[2]), Path(sys.argv[3])
settings = Settings((folder,), "http://127.0.0.1:9", state, token="t", everything=True, quiet_s=0.0)
agent = open_agent(settings)
assert agent.watcher.look() == 1
assert not agent.sender.send_next()
door = CameraDoor(state, agent.spool, title="LIANZHEN", clock=agent.clock)
door.open("127.0.0.1", 0)
door.close()
agent.close()
print(agent.sender.trouble)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agent's folder as it is handed out, below a Chinese path."""
    made = tmp_path_factory.mktemp("handed") / "发送程序"
    main(made)
    return made


def run(*arguments: str | Path, code: str = "") -> subprocess.CompletedProcess[str]:
    """A Python that sees no installed package."""
    told = ["-c", code] if code else []
    command = [sys.executable, "-I", "-S", *told, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_it_takes_a_picture_where_only_the_standard_library_is(
    folder: Path, tmp_path: Path
) -> None:
    watched = tmp_path / "相机 导出"
    watched.mkdir()
    (watched / "张三 OD.jpg").write_bytes(make_jpeg())
    done = run(folder / "app", watched, tmp_path / "state", code=_WITHOUT + _WORK)
    assert (done.returncode, done.stdout.strip()) == (0, "server-away"), done.stderr


def test_an_agent_that_needed_more_would_be_noticed(folder: Path) -> None:
    for name in ("pydicom", "fcntl", "server.settings"):
        done = run(folder / "app", code=f"{_WITHOUT}\nimport {name}")
        assert done.returncode == 1, name
        assert "ImportError" in done.stderr


def test_the_folder_starts_without_installation_and_holds_sources_alone(folder: Path) -> None:
    done = run(folder / "app" / "run.py", "--help")
    assert done.returncode == 0, done.stderr
    assert "--server URL" in done.stdout
    kinds = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert kinds <= {".py", ".cmd", ".sh", ".toml", ".pyc"}
    assert "run.py" in (folder / "lianzhen-watch.cmd").read_text("utf-8")
    foreign = {path.parts[-2] for path in needed()} - {"edge", "imaging", "dimse"}
    assert foreign == set()


def test_what_it_cannot_do_it_says_and_leaves(folder: Path, tmp_path: Path) -> None:
    state = ["--state", str(tmp_path / "s")]
    run_py = folder / "app" / "run.py"
    far = [str(tmp_path), "--server", "http://lianzhen.example", "--token", "x", *state]
    assert run(run_py, *far).returncode == 2
    assert run(run_py, "--server", "https://a", "--token", "x", *state).returncode == 2
    nobody = ["--state", str(tmp_path / "n")]
    assert run(run_py, str(tmp_path), "--server", "https://a", *nobody).returncode == 2
    assert run(run_py, "--forget", *state).returncode == 0
    assert not (tmp_path / "s").exists()
