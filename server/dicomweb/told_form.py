"""Which attributes a search tells: those of the standard's tables, and those that are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from consult.studies.index.model import Level
from imaging.index import COUNTED, INSTANCE, SERIES, STUDY, TAGS
from server.dicomweb.addresses import find_uid

_Tags = frozenset[str]
_ALWAYS: Final[Mapping[Level, frozenset[str]]] = {
    Level.STUDY: frozenset({*STUDY.values(), *COUNTED.values()}) - {"00081030", "00201209"},
    Level.SERIES: frozenset({*SERIES.values(), "00081190", "00080201", "00201209", "0020000D"})
    - {"00180015", "00200060"},
    Level.INSTANCE: frozenset(
        {*INSTANCE.values(), "00081190", "00080201", "00080056", "0020000D", "0020000E"}
    )
    - {"00200062"},
}
"""What is told without being asked for (PS3.18 tables 10.6.3-3 to -5)."""

_EVEN_EMPTY: Final[Mapping[Level, Mapping[str, str]]] = {
    Level.STUDY: {
        "00080020": '{"vr":"DA"}',
        "00080030": '{"vr":"TM"}',
        "00080050": '{"vr":"SH"}',
        "00080090": '{"vr":"PN"}',
        "00100010": '{"vr":"PN"}',
        "00100020": '{"vr":"LO"}',
        "00100030": '{"vr":"DA"}',
        "00100040": '{"vr":"CS"}',
        "00200010": '{"vr":"SH"}',
    },
    Level.SERIES: {"00200011": '{"vr":"IS"}'},
    Level.INSTANCE: {"00200013": '{"vr":"IS"}'},
}
"""What the same tables tell without a condition: where nothing is known, without a value."""


@dataclass(frozen=True, slots=True)
class ToldForm:
    """What each result tells: the texts of what is told even empty, and the tags, None for all."""

    empty: Mapping[str, str]
    tags: _Tags | None


def form_of(request: web.Request, level: Level, asked: Sequence[str]) -> ToldForm:
    """What each result of a search tells; `asked` are the keywords of its keys."""
    levels = _levels_of(request, level)
    empty = {tag: text for each in levels for tag, text in _EVEN_EMPTY[each].items()}
    return ToldForm(empty, _wanted(request, levels, asked))


def _levels_of(request: web.Request, level: Level) -> list[Level]:
    """The level that is asked for, and those above that the path leaves open (PS3.18 10.6.3.3)."""
    levels = [level]
    if level is not Level.STUDY and find_uid(request, "study") is None:
        levels.append(Level.STUDY)
    if level is Level.INSTANCE and find_uid(request, "series") is None:
        levels.append(Level.SERIES)
    return levels


def _wanted(request: web.Request, levels: Sequence[Level], asked: Sequence[str]) -> _Tags | None:
    """The tags that are told; None for all that the index has."""
    names = [part for text in request.query.getall("includefield", []) for part in text.split(",")]
    if "all" in names:
        return None
    included = {TAGS.get(name.strip(), name.strip().upper()) for name in names}
    included.update(TAGS[keyword] for keyword in asked if keyword in TAGS)
    return frozenset(included.union(*(_ALWAYS[level] for level in levels)))
