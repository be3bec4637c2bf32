"""What reading costs beside Orthanc: objects, frames, metadata, pictures and searches.

    python -m benchmarks.imaging.reading [--passes 5] [--only retrieve,metadata,rendered,search]
        [--large 100000]

Ours has permission, tenancy, encryption and the journal on, and every process counts. Each pass
asks for other pictures than the pass before; what is asked for again is told by itself.
"""

import argparse
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from pydicom import dcmread

from benchmarks.imaging.archive import day_of, number_of, small_study, store_all, uid_of
from benchmarks.imaging.asking import Connection, share
from benchmarks.imaging.filling import fill
from benchmarks.imaging.objects import some
from benchmarks.imaging.pair import OURS, Pair, Server, open_pair
from benchmarks.imaging.table import Compared, compare, print_table
from tests.makers.world_people import Side

PARTS: Final = ("retrieve", "metadata", "rendered", "search")
STUDIES: Final = 1000
_LEAST: Final = 300
_JSON: Final = "application/dicom+json"
_DICOM: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_OCTETS: Final = 'multipart/related; type="application/octet-stream"'
_JPEG_FRAME: Final = 'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50'
_CONNECTIONS: Final = 4


@dataclass(frozen=True)
class Asked:
    """One kind of question: what it is called, its paths, what is taken, and the bar.

    What is asked fresh names other objects in each pass.
    """

    what: str
    paths: Sequence[str]
    accept: str
    bar: float | None
    most_ms: float | None = None
    least: int = _LEAST
    is_fresh: bool = False


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--large", type=int, default=100_000, help="studies of the large archive")
    chosen = parser.parse_args()
    only, rows = chosen.only.split(","), []
    with open_pair() as pair:
        if set(only) - {"search"}:
            asked = questions(pair, only, passes=chosen.passes)
            rows += [measure(pair, each, passes=chosen.passes) for each in asked]
        if "search" in only:
            rows += _search_all(pair, passes=chosen.passes, large=chosen.large)
    command = f"python -m benchmarks.imaging.reading --passes {chosen.passes} --only {chosen.only}"
    print_table("Reading beside Orthanc", rows, command)


def questions(pair: Pair, only: Sequence[str], *, passes: int) -> list[Asked]:
    """Store the objects in both, and say what is asked of them."""
    turns = passes + 1  # one goes before, unmeasured
    sets = {
        "CT": some("ct", 40 * turns),
        "CR": some("cr", 4 * turns),
        "fundus": some("fundus", 12 * turns),
    }
    for files in sets.values():
        for server in pair.by_turns:
            store_all(server, files)
    places = {kind: [_place(file) for file in files] for kind, files in sets.items()}
    return [each for part in PARTS[:3] if part in only for each in _MAKERS[part](places)]


def _search_all(pair: Pair, *, passes: int, large: int) -> list[Compared]:
    """Both with a thousand studies, then ours with many more beside Orthanc with its thousand.

    Orthanc's cost grows with its studies, so that the comparison is a gift to it.
    """
    files = [small_study(number) for number in range(STUDIES)]
    for server in pair.by_turns:
        store_all(server, files)
    rows = [measure(pair, each, passes=passes) for each in searches(STUDIES)]
    place = pair.world.places[Side.HOME]
    fill(pair.world, institution_id=place, start=STUDIES, stop=large)
    words = f"in {large:,} studies, Orthanc in {STUDIES:,}"
    return rows + [measure(pair, each, passes=passes) for each in searches(STUDIES, words)]


def measure(pair: Pair, asked: Asked, *, passes: int) -> Compared:
    """Ask both by turns."""
    compared = Compared(asked.what, asked.bar, most_ms=asked.most_ms)
    act = partial(_ask_all, asked, passes)
    return compare(pair, compared, act, passes=passes, seconds=time.monotonic)


def _ask_all(asked: Asked, passes: int, server: Server, turn: int) -> int:
    if asked.bar is None and server.name != OURS:
        return 0
    paths = asked.paths[turn :: passes + 1] if asked.is_fresh else asked.paths
    times = 1 if asked.is_fresh else -(-asked.least // len(paths))
    jobs = [partial(_ask, path, asked.accept) for path in paths] * times
    share(server, jobs, connections=_CONNECTIONS)
    return len(jobs)


def _ask(path: str, accept: str, connection: Connection) -> None:
    status, told = connection.ask("GET", path, headers={"Accept": accept})
    if status != HTTPStatus.OK or not told:
        raise RuntimeError(f"not given: {status} {path} {told[:300]!r}")


def _place(file: bytes) -> str:
    told = dcmread(io.BytesIO(file), stop_before_pixels=True)
    return (
        f"/studies/{told.StudyInstanceUID}/series/{told.SeriesInstanceUID}"
        f"/instances/{told.SOPInstanceUID}"
    )


def _retrieve(places: dict[str, list[str]]) -> list[Asked]:
    frames = {kind: [f"{each}/frames/1" for each in some] for kind, some in places.items()}
    series = sorted({each.rpartition("/instances/")[0] for each in places["CT"]})
    return [
        Asked("WADO-RS instance, CT", places["CT"], _DICOM, 1 / 3),
        Asked("WADO-RS instance, CR of 10 MB", places["CR"], _DICOM, 1 / 3, least=48),
        Asked("WADO-RS instance, fundus", places["fundus"], _DICOM, 1 / 3, least=120),
        Asked("WADO-RS frame, CT", frames["CT"], _OCTETS, 1 / 3),
        Asked("WADO-RS frame, CR of 10 MB", frames["CR"], _OCTETS, 1 / 3, least=48),
        Asked("WADO-RS frame, fundus", frames["fundus"], _JPEG_FRAME, 1 / 3, least=120),
        Asked("WADO-RS series of 50 CT", series, _DICOM, 1.3, least=10),
    ]


def _metadata(places: dict[str, list[str]]) -> list[Asked]:
    series = sorted({each.rpartition("/instances/")[0] for each in places["CT"]})
    return [
        Asked("metadata, instance", [f"{each}/metadata" for each in places["CT"]], _JSON, 1 / 10),
        Asked(
            "metadata, series of 50",
            [f"{each}/metadata" for each in series],
            _JSON,
            1 / 10,
            least=40,
        ),
    ]


def _rendered(places: dict[str, list[str]]) -> list[Asked]:
    shown = {kind: [f"{each}/rendered" for each in some] for kind, some in places.items()}
    half = {kind: [f"{each}?viewport=512,512" for each in some] for kind, some in shown.items()}
    small = [f"{each}/thumbnail" for some in places.values() for each in some]
    fresh = {"accept": "image/jpeg", "is_fresh": True}
    return [
        Asked("rendered CT", shown["CT"], bar=1 / 3, **fresh),
        Asked("rendered CT, other windows", _windows(shown["CT"]), bar=1 / 3, **fresh),
        Asked("rendered CR, whole", shown["CR"], bar=1 / 1.5, **fresh),
        Asked("rendered CR, again", shown["CR"][:3], bar=1 / 1.5, accept="image/jpeg", least=48),
        Asked("rendered CR, 512 px", half["CR"], bar=1 / 1.5, **fresh),
        Asked("rendered fundus, whole", shown["fundus"], bar=1 / 20, **fresh),
        Asked("rendered fundus, 512 px", half["fundus"], bar=1 / 1.5, **fresh),
        Asked("thumbnail", small, bar=None, accept="image/jpeg", most_ms=0.3, least=1000),
    ]


def _windows(shown: Sequence[str]) -> list[str]:
    """No two of them alike, so that none was drawn before."""
    return [f"{each}?window={300 + n},1500,linear" for n, each in enumerate(shown)]


def searches(studies: int, words: str = "") -> list[Asked]:
    """Searches for any of so many studies, as `small_study` makes them."""
    picked = [(number * 7919) % studies for number in range(_LEAST)]
    numbers = [number_of(each) for each in picked]
    uids = [uid_of(each) for each in picked]
    days = [day_of(each) for each in picked]
    of = words or f"in {studies:,} studies"
    return [
        _search(f"QIDO-RS PatientID {of}", [f"PatientID={each}" for each in numbers]),
        _search(f"QIDO-RS StudyInstanceUID {of}", [f"StudyInstanceUID={each}" for each in uids]),
        _search(f"QIDO-RS 25 newest {of}", ["limit=25"] * 60, least=60),
        _search(
            f"QIDO-RS of a day {of}", [f"StudyDate={each}&limit=25" for each in days[:60]], least=60
        ),
        _search(
            f"QIDO-RS name by wildcard {of}",
            [f"PatientName=*{each[-6:-1]}*&limit=25" for each in numbers[:60]],
            least=60,
        ),
    ]


def _search(what: str, queries: Sequence[str], *, least: int = _LEAST) -> Asked:
    paths = [f"/studies?{each}" for each in queries]
    return Asked(what, paths, _JSON, 1 / 10, least=least)


_MAKERS: Final[dict[str, Callable[[dict[str, list[str]]], list[Asked]]]] = {
    "retrieve": _retrieve,
    "metadata": _metadata,
    "rendered": _rendered,
}


if __name__ == "__main__":
    main()
