"""No patient in a log line, whoever writes it and however it goes wrong."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.logs import ALLOWED

ROOT = Path(__file__).parents[2]
NAME, NUMBER = "欧阳夏丹丹", "11010519491231002X"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def lines_of(program: str, *, log_format: str = "json") -> str:
    head = (
        "import logging, structlog\n"
        "from server.logs import configure_logs\n"
        f"configure_logs(process='web', log_format={log_format!r})\n"
        f"log, NAME, NUMBER = structlog.get_logger(), {NAME!r}, {NUMBER!r}\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", head + program], cwd=ROOT, capture_output=True, check=True
    )
    return ended.stderr.decode()


def only_line(program: str) -> dict[str, Any]:
    (line,) = [json.loads(text) for text in lines_of(program).splitlines()]
    return dict(line)


def test_a_line_is_one_json_object_with_time_level_and_process() -> None:
    line = only_line("log.info('case opened', object_id='0' * 32, ms=1.5)")
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "case opened",
        "level": "info",
        "process": "web",
        "object_id": "0" * 32,
        "ms": 1.5,
    }


HOSTILE = """
import warnings
log.info('case opened', patient=NAME, identity=NUMBER)
log.info('case opened', object_id=NAME, code={'a': NUMBER}, frames=[NAME])
log.info(f'case of {NAME} opened')
logging.getLogger('x').warning('patient %s %s', NAME, NUMBER)
logging.getLogger('x').error(f'Task failed\\n{NAME} {NUMBER}')
warnings.warn(NAME + NUMBER)
try:
    int(NAME + NUMBER)
except ValueError:
    log.exception('it broke')
    logging.exception('it broke')
"""


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_patients_name_or_number_never_comes_through(log_format: str) -> None:
    written = lines_of(HOSTILE, log_format=log_format)
    assert written.count("\n") == 8
    assert NAME not in written
    assert NAME.encode("unicode_escape").decode() not in written
    assert NUMBER not in written


def test_an_error_leaves_its_kind_and_place() -> None:
    line = only_line("try:\n    1 / 0\nexcept ArithmeticError:\n    log.exception('it broke')")
    assert (line["error"], line["frames"]) == ("ZeroDivisionError", ["<string>:6"])


def test_a_forged_line_stays_inside_its_own() -> None:
    line = only_line("log.info('case opened', code='x\\n{\"event\": \"forged\"}')")
    assert line["code"] == "(hidden)"


def test_every_line_of_ours_is_a_fixed_sentence() -> None:
    """What is put together at run time could hold anything; so no event is."""
    assert [place for place, call in log_calls() if not starts_with_text(call)] == []


def test_no_line_of_ours_loses_what_it_wants_to_tell() -> None:
    lost = [
        (place, word.arg)
        for place, call in log_calls()
        for word in call.keywords
        if word.arg not in ALLOWED | {"exc_info"}
    ]
    assert lost == []


def log_calls() -> list[tuple[str, ast.Call]]:
    calls = [
        (f"{path.relative_to(ROOT)}:{call.lineno}", call)
        for folder in ("server", "consult", "imaging")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and is_log_call(call)
    ]
    assert calls
    return calls


def is_log_call(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in LEVELS
        and isinstance(function.value, ast.Name)
        and function.value.id in {"log", "_log", "logger", "_logger"}
    )


def starts_with_text(call: ast.Call) -> bool:
    return (
        bool(call.args)
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    )
