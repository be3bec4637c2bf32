"""Nonsense for a door that takes JSON, made from what the door says that it takes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tests.makers.bodies import Example

JSON = "application/json"
_LARGE = 300 * 1024
_DEEP = 100_000
SURROGATE = "\ud800"
UNREADABLE = ("张\x00桂英", "张\u202e桂英", SURROGATE, "\x1b[2J")
_LONG = 25_000
_FREE = {"password", "new_password", "new_password_again", "password_again"}


@dataclass(frozen=True)
class Nonsense:
    """One body that no page would send."""

    what: str
    data: bytes
    content_type: str = JSON
    field: str = ""


def malformed(model: type[BaseModel], things: Mapping[str, str]) -> Iterator[Nonsense]:
    """Bytes that are no JSON object of this door's, whatever its fields are."""
    example = Example(model, things).body(whole=True)
    plain = json.dumps(example).encode()
    yield Nonsense("no body", b"")
    yield Nonsense("half a body", plain[:-1])
    yield Nonsense("invalid UTF-8", b'{"name": "\xff\xfe"}')
    yield Nonsense("GB18030", '{"reason": "张桂英"}'.encode("gb18030"))
    yield Nonsense("UTF-16", plain.decode().encode("utf-16"))
    yield Nonsense("deep nesting", b"[" * _DEEP)
    yield Nonsense("a deep object", b'{"a":' * _DEEP + b"1" + b"}" * _DEEP)
    yield Nonsense("300 KB", json.dumps(example | {"reason": "x" * _LARGE}).encode())
    yield Nonsense("an unknown field", json.dumps(example | {"institution_id_": "x"}).encode())
    yield Nonsense("somebody else's role", json.dumps(example | {"role": "expert"}).encode())
    for top in ("[]", '"text"', "7", "null", "true", "NaN"):
        yield Nonsense(f"{top} instead of an object", top.encode())
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        yield Nonsense(kind, plain, kind)
    if example:
        name, value = next(iter(example.items()))
        pair = f"{json.dumps(name)}: {json.dumps(value)}"
        yield Nonsense("a field twice", f"{{{pair}, {pair}}}".encode())


def wrong_fields(model: type[BaseModel], things: Mapping[str, str]) -> Iterator[Nonsense]:
    """The whole body with one field that is not what it should be."""
    maker = Example(model, things)
    example = maker.body(whole=True)
    for name, found in maker.schema.get("properties", {}).items():
        kinds = _kinds(maker, found)
        for value in _wrong_values(kinds, maker.resolve(found)):
            if name in _FREE and isinstance(value, str):
                continue
            body = json.dumps(example | {name: value}).encode()
            yield Nonsense(f"{name}={str(body)[-40:]}", body, field=name)


def _kinds(maker: Example, schema: Mapping[str, Any]) -> set[str]:
    """Which JSON types the field takes; nothing for a field that takes any."""
    found = [maker.resolve(each) for each in schema.get("anyOf", [schema])]
    return {str(each["type"]) for each in found if "type" in each} | {
        "string" for each in found if "enum" in each
    }


def _wrong_values(kinds: set[str], schema: Mapping[str, Any]) -> Iterator[Any]:
    if not kinds:
        return
    others: dict[str, Any] = {
        "object": {"a": {"b": 1}},
        "array": [[1], {"a": 2}],
        "integer": 10**30,
        "boolean": True,
    }
    if not kinds & {"integer", "number"}:
        yield others["integer"]
    for kind in others.keys() - kinds - {"integer"}:
        yield others[kind]
    if "string" in kinds:
        yield from UNREADABLE
        if schema.get("maxLength", 0) < _LONG:  # a pasted list may be longer
            yield "长" * _LONG
    elif "integer" in kinds:
        yield from (-1, 10**30, "one", 1.5, float("nan"), float("inf"))
    if "enum" in schema:
        yield "neither"
