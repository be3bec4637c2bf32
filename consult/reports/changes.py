"""What an amended report says otherwise than the version before it, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consult.reports.versions import Report

Content = Mapping[str, Any]

_EYES: Final = ("right", "left")
_PATIENT: Final = ("name", "sex", "birth_on", "tail")
_PICTURE: Final = ("sop_instance_uid", "eye", "field")


@dataclass(frozen=True, slots=True)
class Change:
    """One field, dotted as in the form, before and after; pictures are listed by eye and field."""

    field: str
    before: object
    after: object

    def as_json(self) -> dict[str, object]:
        """The change as it is signed."""
        return {"field": self.field, "before": self.before, "after": self.after}


def find_changes(before: Content, after: Content) -> list[Change]:
    """Every field of the patient, the pictures and the body that differs; none means the same."""
    old, new = dict(_fields(before)), dict(_fields(after))
    return [
        Change(field, old.get(field), new.get(field))
        for field in dict.fromkeys([*new, *old])
        if _said(old.get(field)) != _said(new.get(field))
    ]


def changes_in(content: Content) -> list[Change]:
    """The changes that a signed version tells of: of the version before it, or by its reviewer."""
    told = content.get("amendment") or content.get("review") or {}
    return [
        Change(each["field"], each["before"], each["after"]) for each in told.get("changes", ())
    ]


def newest_opinion(versions: Sequence[Report]) -> Report | None:
    """The newest version that says something of the patient, of versions newest first."""
    return next((each for each in versions if each.is_opinion), None)


def _said(value: object) -> object:
    """What was not said yet is the same in an older schema, which did not know the field."""
    return None if value in ("", [], {}) else value


def _fields(content: Content) -> Iterator[tuple[str, object]]:
    for key in _PATIENT:
        yield f"patient.{key}", content["patient"][key]
    yield "materials", [{key: each[key] for key in _PICTURE} for each in content["materials"]]
    if "marks" in content:  # a report without a sheet says nothing of marks
        yield "marks", {key: content["marks"][key] for key in ("count", "sha256")}
        yield "key_images", [each["sop_instance_uid"] for each in content["key_images"]]
    for key, value in content["body"].items():
        if key in _EYES:
            yield from ((f"{key}.{part}", said) for part, said in value.items())
        else:
            yield key, value
