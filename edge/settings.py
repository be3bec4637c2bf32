"""What the agent is told: by flags, or by a file beside it for a start by double click."""

import argparse
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_BESIDE: Final = "watch.toml"
_STATE: Final = "lianzhen-watch"
_GIB: Final = 1 << 30
_KEYS: Final = frozenset(
    {
        *("folders", "server", "token_file", "ca", "proxy", "state", "dicom", "title"),
        *("every_s", "quiet_s", "most_gib", "everything"),
    }
)


class SettingsError(Exception):
    """What was told cannot be used; the text says what."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where pictures come from, where they go, and where they wait."""

    folders: tuple[Path, ...]
    server: str
    state: Path
    token: str | None = field(default=None, repr=False)
    ca: Path | None = None
    proxy: str | None = field(default=None, repr=False)
    dicom: tuple[str, int] | None = None
    title: str = "LIANZHEN"
    every_s: float = 2.0
    quiet_s: float = 3.0
    most_bytes: int = 20 * _GIB
    everything: bool = False


def make_parser() -> argparse.ArgumentParser:
    """The flags."""
    parser = argparse.ArgumentParser(
        prog="lianzhen watch",
        description="Send what a fundus camera exports to a Lianzhen server.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("folders", nargs="*", type=Path, metavar="DIR", help="folder to which a camera exports")
    add("--settings", type=Path, metavar="FILE", help=f"TOML file (default: {_BESIDE} beside)")
    add("--server", metavar="URL", help="https://… of the server")
    add("--token", help="token of this machine; kept sealed, needed at the first start only")
    add("--token-file", type=Path, metavar="FILE", help="a file that holds it")
    add("--ca", type=Path, metavar="FILE", help="certificate of the hospital's own authority")
    add("--proxy", metavar="URL", help="http://[user:password@]host:port, system (default) or none")
    add("--state", type=Path, metavar="DIR", help="where the encrypted spool lies")
    add("--dicom", metavar="HOST:PORT", help="listen there for C-STORE of cameras on the LAN")
    add("--title", help="AE title of that listener")
    add("--everything", action="store_true", default=None, help="also what lay there before")
    add("--status", action="store_true", help="say what waits, and leave")
    add("--forget", action="store_true", help="remove spool, key and memory, and leave")
    return parser


def read_settings(options: argparse.Namespace) -> Settings:
    """Flags stand before the file; raises SettingsError."""
    told = _read_file(options.settings)
    for name in (*("server", "ca", "proxy", "state", "dicom", "title"), "everything", "token_file"):
        given = getattr(options, name)
        if given is not None:
            told[name] = given
    if options.folders:
        told["folders"] = options.folders
    return Settings(
        folders=tuple(Path(each).absolute() for each in told.get("folders", ())),
        server=str(told.get("server", "")),
        state=Path(told.get("state") or default_state()).absolute(),
        token=options.token or _read_token(told.get("token_file")),
        ca=Path(told["ca"]) if told.get("ca") else None,
        proxy=told.get("proxy"),
        dicom=_parse_place(told.get("dicom")),
        title=str(told.get("title") or "LIANZHEN"),
        every_s=float(told.get("every_s", 2.0)),
        quiet_s=float(told.get("quiet_s", 3.0)),
        most_bytes=int(float(told.get("most_gib", 20)) * _GIB),
        everything=bool(told.get("everything", False)),
    )


def default_state(environment: Mapping[str, str] = os.environ) -> Path:
    """A folder of the user's own."""
    if os.name == "nt":
        return Path(environment.get("LOCALAPPDATA") or Path.home()) / _STATE
    kept = environment.get("XDG_STATE_HOME")
    return (Path(kept) if kept else Path.home() / ".local" / "state") / _STATE


def _read_file(named: Path | None) -> dict[str, Any]:
    path = named or Path(_BESIDE)
    if named is None and not path.exists():
        return {}
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error
    unknown = sorted(set(told) - _KEYS)
    if unknown:
        raise SettingsError(f"{path}: {', '.join(unknown)}?")
    return told


def _read_token(named: str | Path | None) -> str | None:
    if not named or not Path(named).exists():
        return None
    return Path(named).read_text("utf-8-sig").strip() or None


def _parse_place(text: str | None) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit()):
        raise SettingsError("--dicom HOST:PORT")
    return host.strip("[]"), int(port)


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """The flags as they were given."""
    return make_parser().parse_args(arguments)
