"""The rules that make grades of lesions (config/lesion_grades.toml), read and interpreted.

Three values are reckoned with (Kleene): a line holds, does not hold, or nobody can tell, because
something that it asks for was not said.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consult.kernel.rules import RuleTable
from consult.reports.lesions import CODE, Lesion, Lesions, Said

_ATOM: Final = re.compile(r"(?P<no>not )?(?P<code>[a-z0-9_]+)( in (?P<least>[1-4]))?")


@dataclass(frozen=True, slots=True)
class LesionRule:
    """One lesion that may be ticked."""

    code: str
    part: str
    has_quadrants: bool
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Atom:
    """One lesion or fact in a line of a rule; `least` quadrants, 0 where none are counted."""

    code: str
    is_negated: bool = False
    least: int = 0

    def holds(self, said: Lesions) -> bool | None:
        """True, False, or None where nobody has said."""
        lesion = said.get(self.code)
        if lesion is None:
            return None
        is_so = lesion.is_present and len(lesion.quadrants) >= self.least
        return is_so is not self.is_negated


@dataclass(frozen=True, slots=True)
class Row:
    """One grade and the lines of which one must hold; all atoms of a line must."""

    grade: str
    lines: tuple[tuple[Atom, ...], ...]

    def holds(self, said: Lesions) -> bool | None:
        """Whether any line holds; None where that depends on what was not said."""
        return _any([_all([atom.holds(said) for atom in line]) for line in self.lines])


@dataclass(frozen=True, slots=True)
class Span:
    """The lowest and the highest grade that agree with what was said."""

    low: str
    high: str

    @property
    def is_settled(self) -> bool:
        """Whether only one grade agrees: that one is computed."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale: its grades from the mildest, and when each is given.

    A `stated` one is a field of the report, which the reader may fill in; the others are computed
    alone. Where one of `reader_decides` is all there is, no grade follows but the mildest is out.
    """

    code: str
    source: str
    grades: tuple[str, ...]
    is_stated: bool
    rows: tuple[Row, ...]
    reader_decides: tuple[str, ...]

    def span(self, said: Lesions) -> Span:
        """What may be given for these lesions."""
        highest: str | None = None
        for row in self.rows:
            holds = row.holds(said)
            if holds is not False and highest is None:
                highest = row.grade
            if holds:
                return Span(row.grade, highest or row.grade)
        treated = _any([Atom(code).holds(said) for code in self.reader_decides])
        if treated:
            return Span(self.grades[1], self.grades[-1])
        if treated is None and highest is None:
            highest = self.grades[1]
        return Span(self.grades[0], highest or self.grades[0])

    def agrees(self, span: Span, given: str) -> bool:
        """Whether a grade lies in the span; one beside the scale says no more than the mildest."""
        place = self.place(given)
        if place is None:
            return span.low == self.grades[0] and not span.is_settled
        low, high = self.grades.index(span.low), self.grades.index(span.high)
        return low <= place <= high

    def place(self, grade: str) -> int | None:
        """0 for the mildest; None for what is no grade of this scale."""
        return self.grades.index(grade) if grade in self.grades else None


@dataclass(frozen=True, slots=True)
class LesionRules:
    """Everything that may be ticked, and the scales that follow."""

    name: str
    version: str
    source: str
    lesions: tuple[LesionRule, ...]
    facts: tuple[str, ...]
    scales: tuple[Scale, ...]

    @property
    def stated(self) -> tuple[Scale, ...]:
        """The scales that are fields of the report."""
        return tuple(scale for scale in self.scales if scale.is_stated)

    def scale(self, code: str) -> Scale:
        """One scale by its code."""
        return next(scale for scale in self.scales if scale.code == code)

    def completed(self, said: Lesions) -> dict[str, Lesion]:
        """What was said, and what cannot be there because all that it needs is absent."""
        known = dict(said)
        for rule in self.lesions:
            needed = [known.get(code) for code in rule.needs]
            none_there = bool(needed) and all(each and not each.is_present for each in needed)
            if rule.code not in known and none_there:
                known[rule.code] = Lesion(Said.ABSENT)
        return known


def parse_lesion_rules(mapping: Mapping[str, object]) -> LesionRules:
    """The rules of config/lesion_grades.toml; every lesion and grade they name must be known."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "lesion", "fact", "scale")
    lesions: list[LesionRule] = []
    for row in table.tables("lesion"):
        lesions.append(_parse_lesion(row, known={each.code for each in lesions}))
    facts = tuple(_parse_code(row, ("code",)) for row in table.tables("fact"))
    counted = {rule.code: rule.has_quadrants for rule in lesions} | dict.fromkeys(facts, False)
    return LesionRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        lesions=tuple(lesions),
        facts=facts,
        scales=tuple(_parse_scale(row, counted) for row in table.tables("scale")),
    )


def _parse_code(table: RuleTable, keys: Sequence[str]) -> str:
    table.only(*keys)
    code = table.text("code")
    if CODE.fullmatch(code) is None:
        raise table.wrong("code", "must be small letters, digits and _")
    return code


def _parse_lesion(table: RuleTable, *, known: set[str]) -> LesionRule:
    code = _parse_code(table, ("code", "part", "quadrants", "needs"))
    needs = table.texts("needs")
    if code in known or not set(needs) <= known:
        raise table.wrong("code" if code in known else "needs", "must name each lesion once before")
    return LesionRule(code, table.text("part"), table.flag_or_false("quadrants"), needs)


def _parse_scale(table: RuleTable, counted: Mapping[str, bool]) -> Scale:
    table.only("code", "source", "grades", "stated", "reader_decides", "when")
    grades, when = table.texts("grades"), table.table("when")
    if set(when.values) != set(grades[1:]):
        raise table.wrong("when", "must name every grade but the mildest")
    decides = table.texts("reader_decides")
    if not set(decides) <= set(counted):
        raise table.wrong("reader_decides", "unknown lesion")
    return Scale(
        code=table.text("code"),
        source=table.text("source"),
        grades=grades,
        is_stated=table.flag("stated"),
        rows=tuple(_parse_row(when, grade, counted) for grade in reversed(grades[1:])),
        reader_decides=decides,
    )


def _parse_row(table: RuleTable, grade: str, counted: Mapping[str, bool]) -> Row:
    lines = [_parse_line(table, grade, line, counted) for line in table.texts(grade)]
    if not lines:
        raise table.wrong(grade, "must hold for something")
    return Row(grade, tuple(lines))


def _parse_line(
    table: RuleTable, key: str, line: str, counted: Mapping[str, bool]
) -> tuple[Atom, ...]:
    atoms = []
    for part in line.split(" and "):
        found = _ATOM.fullmatch(part)
        if found is None or found["code"] not in counted:
            raise table.wrong(key, f"'{part}' is no lesion")
        least = int(found["least"] or 0)
        if least and not counted[found["code"]]:
            raise table.wrong(key, f"'{part}' has no quadrants")
        atoms.append(Atom(found["code"], is_negated=found["no"] is not None, least=least))
    return tuple(atoms)


def _any(values: Sequence[bool | None]) -> bool | None:
    if any(values):
        return True
    return None if None in values else False


def _all(values: Sequence[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True
