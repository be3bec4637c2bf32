"""Bodies made from what a door says that it takes: the least that is valid, or nonsense."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

OLD_REVISION = 999_999
_REVISIONS = {"revision", "version"}
_FORMATS = {"date": "2026-03-02", "date-time": "2026-03-02T08:00:00Z", "time": "08:30:00"}
_ID = "^[0-9a-f]{32}$"
_PATTERNS = {
    "^[0-9a-f]{64}$": "0" * 64,
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "08:30",
    "^[0-9a-f]{32}@20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:00Z$": (
        f"{'0' * 32}@2026-03-02T08:00:00Z"
    ),
    "^[0-9a-f]{32}:[1-9][0-9]{0,8}$": f"{'0' * 32}:1",
    r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$": "08:30",
    "^[0-9+() -]{3,40}$": "0799-2266110",
    r"^[0-9]{1,6}(\.[0-9]{1,2})?$": "12.50",
    "^[0-9a-f]{32}\\.[1-7]-(morning|afternoon)$": f"{'0' * 32}.1-morning",
    "^[a-z0-9_]{1,40}$": "oct",
    "^[a-z0-9-]{0,40}$": "token-refused",
    "^[0-9A-Za-z.+-]{1,40}$": "0.1.0",
    "^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$": "1366x768",
    "^([1-9][0-9]{1,4}x[1-9][0-9]{1,4})?$": "1366x768",
}
_WORD = "example"


class Example:
    """Values for one schema; an id is a known thing's where its field's name says which."""

    def __init__(self, model: type[BaseModel], things: Mapping[str, str]) -> None:
        self.schema = model.model_json_schema()
        self._things = things

    def body(self, *, whole: bool = False) -> dict[str, Any]:
        """The least that is valid, or every field filled."""
        return self._object(self.schema, whole=whole)

    def _object(self, schema: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        return {
            name: self._value(name, found, whole=whole)
            for name, found in schema.get("properties", {}).items()
            if whole or name in required or _is_list_of_ids(self.resolve(found))
        }

    def _value(self, name: str, schema: Mapping[str, Any], *, whole: bool) -> Any:
        found = self.resolve(schema)
        if name in _REVISIONS and found.get("type") == "integer":
            return OLD_REVISION
        if "const" in found or "enum" in found:
            return found.get("const") or found["enum"][0]
        kind = found.get("type")
        if kind == "object":
            return self._object(found, whole=whole)
        if kind == "array":
            return self._list(name, found, whole=whole)
        plain = {"integer": found.get("minimum", 1), "boolean": True}
        plain["number"] = plain["integer"]
        return plain[kind] if kind in plain else self._text(name, found)

    def _list(self, name: str, schema: Mapping[str, Any], *, whole: bool) -> list[Any]:
        item = self.resolve(schema.get("items", {}))
        count = schema.get("minItems", 1 if whole or item.get("pattern") == _ID else 0)
        return [self._value(name, item, whole=whole) for _ in range(count)]

    def _text(self, name: str, schema: Mapping[str, Any]) -> str:
        if schema.get("pattern") == _ID:
            return self._things.get(_singular(name), uuid4().hex)
        if "format" in schema:
            return _FORMATS[schema["format"]]
        return _PATTERNS[schema["pattern"]] if "pattern" in schema else _WORD

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema behind a reference or the first that is not null."""
        if "$ref" in schema:
            return self.resolve(self.schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
        for choice in schema.get("anyOf", ()):
            if choice.get("type") != "null":
                return self.resolve(choice)
        return schema


def _is_list_of_ids(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("items", {}).get("pattern") == _ID)


def _singular(name: str) -> str:
    return name.removesuffix("s").removesuffix("_id")
