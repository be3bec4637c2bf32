"""The folder of the agent beside a camera: `python -m deploy.make_watch_folder TARGET`.

It holds the agent's own sources and what they import of imaging/, nothing else: no wheel, no
compiled file. Beside it goes Python's official embeddable package for Windows, unpacked as
`python/`, which this script does not fetch; where Python is installed it is not needed.
"""

import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ("edge", "imaging")
_RUN = '''"""Starts the agent from this folder, also where Python looks into no folder by itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from edge.__main__ import main  # noqa: E402 - only now can it be found

sys.exit(main())
'''
_CMD = r"""@echo off
rem Starts the agent; no administrator rights, no installation.
cd /d "%~dp0"
set PYTHONUTF8=1
if exist python\python.exe (
  python\python.exe app\run.py %*
) else (
  py -3 app\run.py %*
)
if errorlevel 1 pause
"""
_SH = """#!/bin/sh
cd "$(dirname "$0")" && exec python3 app/run.py "$@"
"""
_TOML = """# 相机电脑上的发送程序的设置；说明见 docs/edge.md。
# Settings of the agent beside a camera; docs/edge.md explains them.
server = "https://lianzhen.example"
folders = ["D:/导出"]
# 首次启动后即可删除此文件 · may be removed after the first start
token_file = "token.txt"
# ca = "hospital-ca.pem"
# proxy = "http://user:password@proxy:3128"
# dicom = "0.0.0.0:11112"
"""


def main(target: Path) -> None:
    """Make the folder; what lay there is replaced."""
    app = target / "app"
    if app.exists():
        shutil.rmtree(app)
    for path in sorted(needed()):
        copy = app / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    (app / "run.py").write_text(_RUN, "utf-8")
    (target / "lianzhen-watch.cmd").write_bytes(_CMD.replace("\n", "\r\n").encode())
    start = target / "lianzhen-watch.sh"
    start.write_text(_SH, "utf-8")
    start.chmod(0o755)
    settings = target / "watch.toml"
    if not settings.exists():
        settings.write_text(_TOML, "utf-8")
    print(f"{target}: {sum(1 for _ in app.rglob('*.py'))} files")


def needed() -> set[Path]:
    """The agent's files, and all that they import of ours."""
    found: set[Path] = set()
    waiting = sorted((ROOT / "edge").glob("*.py"))
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += [each for each in _imported(path) if each not in found]
    return found


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        for name in names:
            if name.partition(".")[0] in OWN:
                yield from _files_of(name)


def _files_of(name: str) -> Iterator[Path]:
    """A module, and the packages around it."""
    parts = name.split(".")
    for count in range(1, len(parts)):
        yield from _if_there(ROOT.joinpath(*parts[:count], "__init__.py"))
    yield from _if_there(ROOT.joinpath(*parts).with_suffix(".py"))
    yield from _if_there(ROOT.joinpath(*parts, "__init__.py"))


def _if_there(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path


if __name__ == "__main__":
    main(Path(sys.argv[1]))
