"""`lianzhen watch`, and `python -m edge` where there is nothing but a folder and a Python."""

import argparse
import json
import logging
import logging.handlers
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

from edge import VERSION
from edge.agent import TokenMissingError, run_agent
from edge.cipher import derive_keys
from edge.keyfile import KeyLostError, forget_key, load_key
from edge.settings import Settings, SettingsError, parse_options, read_settings
from edge.store import BusyError, Store
from edge.web import AddressError

_CANNOT: Final = 1
_USAGE: Final = 2
_LOG_BYTES: Final = 1 << 20
_SAYINGS: Final = {
    "busy": "此文件夹已有发送程序在运行。 An agent works in this folder already.",
    "key": "密钥缺失或属于其他用户，待发送的文件无法读取。 "
    "The key of the spool is missing or another user's: nothing in it can be read.",
    "address": "服务器地址应为 https://…，代理为 http://…。 "
    "Name the server as https://… (http:// only to this computer), a proxy as http://….",
    "folders": "应指定相机导出的文件夹，或 --dicom HOST:PORT。 "
    "Name the folders to which the camera exports, or --dicom HOST:PORT.",
    "token": "首次启动须提供令牌（--token 或 --token-file）。 "
    "The first start needs a token (--token or --token-file).",
    "forgotten": "加密文件、密钥和记录已删除；服务器上的令牌须另行停用。 "
    "Spool, key and memory are removed. Shut the machine out on the server as well.",
}

_REFUSALS: Final[dict[type[Exception], tuple[str, int]]] = {
    AddressError: ("address", _USAGE),
    BusyError: ("busy", _CANNOT),
    KeyLostError: ("key", _CANNOT),
    TokenMissingError: ("token", _USAGE),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal; 1 where it cannot start, 2 where it was told nonsense."""
    options = parse_options(sys.argv[1:] if arguments is None else arguments)
    try:
        return _do(options)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE
    except OSError as error:
        sys.stderr.write(f"{type(error).__name__}: {error.strerror}\n")
        return _CANNOT
    except (AddressError, BusyError, KeyLostError, TokenMissingError) as error:
        saying, code = _REFUSALS[type(error)]
        return _complain(saying, code)


def _do(options: argparse.Namespace) -> int:
    settings = read_settings(options)
    if options.forget:
        return _forget(settings)
    if options.status:
        return _tell_status(settings)
    if not settings.folders and settings.dicom is None:
        return _complain("folders", _USAGE)
    return _run(settings)


def _run(settings: Settings) -> int:
    _keep_log(settings)
    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    logging.getLogger("lianzhen.watch").info("version %s", VERSION)
    run_agent(settings, stop=stop)
    return 0


def _keep_log(settings: Settings) -> None:
    """Counts and codes, no name of a file; three files of a mebibyte."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = logging.handlers.RotatingFileHandler(
        settings.state / "watch.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8"
    )
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        handlers=[kept, logging.StreamHandler()],
    )


def _tell_status(settings: Settings) -> int:
    """What waits, as one line of JSON."""
    keys = derive_keys(load_key(settings.state, may_make=False))
    store = Store(settings.state, keys, is_onlooker=True)
    depth = store.depth()
    store.close()
    told = {
        "waiting": depth.waiting,
        "waiting_bytes": depth.waiting_bytes,
        "oldest_at": depth.oldest_at,
        "refused": depth.refused,
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _forget(settings: Settings) -> int:
    """Leave nothing: the key first, since without it the rest is noise."""
    if settings.state.is_dir():
        if (settings.state / "state.db").exists():
            Store(settings.state, derive_keys(bytes(32))).close()  # nobody works in it
        forget_key(settings.state)
        shutil.rmtree(settings.state)
    sys.stderr.write(_SAYINGS["forgotten"] + "\n")
    return 0


def _complain(what: str, code: int) -> int:
    sys.stderr.write(_SAYINGS[what] + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
