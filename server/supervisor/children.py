"""Which processes an installation consists of, and what each of them may know."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from server.settings import ENV_PREFIX, Role, Settings
from server.supervisor.child import ChildSpec

# the S3 client would believe AWS_… of whoever started us; only our own settings count
_KEPT_BACK: Final = (ENV_PREFIX, "AWS_")
_DICOM_KNOWS: Final = frozenset(
    ENV_PREFIX + name
    for name in (
        *("DATA_DIR", "CONFIG_DIR", "LOG_FORMAT"),
        *("DICOM_HOST", "DICOM_PORT", "DICOM_TITLE", "DICOM_CERT", "DICOM_KEY", "DICOM_CA"),
    )
)
_MEDIA_KNOWS: Final = frozenset(
    ENV_PREFIX + name
    for name in (
        *("DATA_DIR", "CONFIG_DIR", "LOG_FORMAT", "MEDIA_ADDRESS", "MEDIA_PUBLIC_ADDRESS"),
        *("MEDIA_PORTS", "MEDIA_PROCESSES", "MEDIA_ROOMS", "MEDIA_PATH", "MEDIA_JANUS"),
    )
)
_TYPESETTING_BYTES: Final = 2 << 30
_TYPESETTING_AFTER_S: Final = 20  # or with the first report, if that comes sooner
_JAIL_LACKS_WALLS: Final = 3  # what imaging.jail answers where the kernel refuses a needed layer

# mallopt(3): what pieces of a megabyte need is kept, since fresh pages cost more than deciphering
_STEADY: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(2 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(4 << 20),
}


def make_specs(settings: Settings, *, locks: Sequence[int]) -> list[ChildSpec]:
    """The children of this role; the worker first, since web asks it."""
    worker = make_worker_spec(settings.worker_socket)
    typesetter = make_typesetter_spec(settings.typesetter_socket)
    webs = [_make_web_spec(settings, name, locks=locks) for name in _web_names(settings.workers)]
    doors = [] if settings.dicom_port is None else [_make_dicom_spec(settings)]
    numbers = range(1, settings.media_processes + 1)
    media = [_make_media_spec(settings, number) for number in numbers]
    return {
        Role.ALL: [worker, *webs, typesetter, *doors, *(media if settings.media else [])],
        Role.WEB: webs,
        Role.WORKER: [worker, typesetter],
        Role.DICOM: doors,
        Role.MEDIA: media,
    }[settings.role]


def _web_names(workers: int) -> list[str]:
    return ["web"] if workers == 1 else [f"web-{number}" for number in range(1, workers + 1)]


def _make_web_spec(settings: Settings, name: str, *, locks: Sequence[int]) -> ChildSpec:
    """Of several, those that live take over what one has left; a single one has a spare."""
    argv = (sys.executable, "-m", "server", "web")
    has_spare = settings.web_spare and settings.workers == 1
    return ChildSpec(
        name,
        argv,
        spare_argv=(*argv, "--spare") if has_spare else (),
        environment={**_STEADY, **_strangers_environment(), **settings.as_environment()},
        pass_descriptors=locks,  # the folder stays locked until web itself has gone
    )


def _make_dicom_spec(settings: Settings) -> ChildSpec:
    """It is told where it listens, and neither database nor key."""
    told = {name: text for name, text in settings.as_environment().items() if name in _DICOM_KNOWS}
    return ChildSpec(
        "dicom",
        (sys.executable, "-m", "server", "dicom"),
        environment={**_STEADY, **_strangers_environment(), **told},
    )


def media_name(settings: Settings, number: int) -> str:
    """By what name the log knows a media process, counted from 1."""
    return "media" if settings.media_processes == 1 else f"media-{number}"


def _make_media_spec(settings: Settings, number: int) -> ChildSpec:
    """It is told where it listens, and neither database nor key."""
    told = {name: text for name, text in settings.as_environment().items() if name in _MEDIA_KNOWS}
    which = ("--number", str(number)) if number > 1 else ()
    return ChildSpec(
        media_name(settings, number),
        (sys.executable, "-m", "server", "media", *which),
        environment={**_strangers_environment(), **told},
    )


def make_worker_spec(socket: Path, *more: str) -> ChildSpec:
    """A jail that listens at `socket`."""
    return ChildSpec(
        "worker",
        (sys.executable, "-m", "imaging.jail", "--socket", str(socket), *more),
        environment=_strangers_environment(),
        hopeless_code=_JAIL_LACKS_WALLS,
    )


def make_typesetter_spec(socket: Path) -> ChildSpec:
    """A jail that sets documents; whoever waits for a page, or a start, goes before it."""
    module = "imaging.jail.typesetting"
    limits = ("--memory-bytes", str(_TYPESETTING_BYTES), "--cpu-s", "30", "--wall-s", "40")
    jobs = ("--jobs", module, "--preload", module, "--concurrency", "1", "--nice", "4")
    later = ("--idle-s", str(_TYPESETTING_AFTER_S))
    return replace(make_worker_spec(socket, *limits, *jobs, *later), name="typesetter")


def _strangers_environment() -> Mapping[str, str]:
    """Our environment without this installation's settings: strangers' bytes meet no password."""
    return {name: text for name, text in os.environ.items() if not name.startswith(_KEPT_BACK)}
