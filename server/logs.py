"""Log lines: one JSON object each, and nothing in it that could be a patient's.

Three fences: a line keeps only the names in `ALLOWED`; a text value must look like an id, a code
or a place in the program; an exception leaves its class and places, never its message.
"""

import contextlib
import io
import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, Final, Literal, cast

import structlog
from structlog.typing import EventDict

ALLOWED: Final = frozenset(
    {
        *("at", "level", "event", "process", "pid", "logger", "host", "port"),
        *("route", "method", "status", "ms", "size_bytes", "support", "code", "kind", "count"),
        *("actor_id", "institution_id", "object_id", "object_type", "action", "position"),
        *("title", "address"),  # of a machine of the DICOM network
        *("error", "frames", "child", "exit_code", "attempt", "job", "task", "layers", "verdict"),
    }
)
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_.:/@+{}<>\-]{0,128}")
_SENTENCE: Final = re.compile(r"[A-Za-z0-9 ,.:;'()/_%\-]{1,120}")
_HIDDEN: Final = "(hidden)"
_FRAMES: Final = 12
_Renderer = Callable[[Any, str, EventDict], str]


def configure_logs(*, process: str, log_format: Literal["json", "text"]) -> None:
    """Send our own lines and those of every library to standard error, through the same fences."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _describe_exception,
        _keep_allowed,
        _name_process(process),
    ]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, _renderer(log_format)],
        logger_factory=structlog.WriteLoggerFactory(cast("Any", _Speech())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_Speech())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[_take_foreign, *shared, _renderer(log_format)]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(capture=True)


class _Speech(io.TextIOBase):
    """Standard error; a line without room is lost, and not the answer that it is about."""

    def write(self, text: str) -> int:
        """Say it, if it can be said."""
        with contextlib.suppress(OSError):
            return sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits for it."""
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def _describe_exception(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """Class and places of an exception; its message may quote what a person typed."""
    info = line.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        places = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        line["error"] = type(error).__qualname__
        line["frames"] = [f"{_shorten(place.filename)}:{place.lineno}" for place in places]
    return line


def _shorten(path: str) -> str:
    return "/".join(path.split("/")[-3:])


def _keep_allowed(_logger: Any, _method: str, line: EventDict) -> EventDict:
    kept: EventDict = {key: _fence(value) for key, value in line.items() if key in ALLOWED}
    event = str(line.get("event", ""))
    kept["event"] = event if _SENTENCE.fullmatch(event) else _HIDDEN
    return kept


def _fence(value: object) -> object:
    match value:
        case bool() | int() | float() | None:
            return value
        case str():
            return value if _HARMLESS.fullmatch(value) else _HIDDEN
        case list() | tuple():
            return [_fence(part) for part in value]
        case _:
            return _HIDDEN


def _take_foreign(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """A library's line: its first line before arguments are filled in, which are data."""
    record: logging.LogRecord = line["_record"]
    first = str(record.msg).partition("\n")[0]
    return {"event": first, "logger": record.name, "exc_info": record.exc_info}


def _name_process(process: str) -> Callable[[Any, str, MutableMapping[str, Any]], EventDict]:
    def add(_logger: Any, _method: str, line: EventDict) -> EventDict:
        line["process"] = process
        return line

    return add


def _renderer(log_format: Literal["json", "text"]) -> _Renderer:
    return _as_json if log_format == "json" else _as_text


def _as_json(_logger: Any, _method: str, line: EventDict) -> str:
    return json.dumps(line, ensure_ascii=False)


def _as_text(_logger: Any, _method: str, line: EventDict) -> str:
    head = (line.pop("at", ""), line.pop("level", ""), line.pop("process", ""))
    event = line.pop("event", "")
    rest = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in line.items())
    return " ".join((*map(str, head), str(event), *rest))
