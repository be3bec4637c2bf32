"""/openapi.json: made from the doors themselves, so it cannot differ from the router."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import TypeAdapter

from server.doors import Door

_Mode = Literal["validation", "serialization"]
_Schemas = Mapping[tuple[type, _Mode], Mapping[str, Any]]
_PARAMETER = re.compile(r"{(\w+)(?::[^}]+)?}")


def describe(doors: Sequence[Door], *, below: str = "") -> dict[str, Any]:
    """The OpenAPI 3.1 document of every JSON route; `below` is the prefix of all their paths."""
    told = sorted(
        (door for door in doors if door.is_api), key=lambda door: (door.path, door.method)
    )
    schemas, components = _schemas(told)
    paths: dict[str, dict[str, Any]] = {}
    for door in told:
        path = _PARAMETER.sub(r"{\1}", door.path)
        paths.setdefault(path, {})[door.method.lower()] = _operation(door, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lianzhen", "version": "0.1.0"},
        **({"servers": [{"url": below}]} if below else {}),
        "paths": paths,
        "components": {"schemas": components},
    }


def _schemas(doors: Sequence[Door]) -> tuple[_Schemas, dict[str, Any]]:
    """Every type's schema once; types of one name are told apart by their modules."""
    wanted: dict[tuple[type, _Mode], None] = {}
    for door in doors:
        if door.body is not None:
            wanted[door.body, "validation"] = None
        if door.answer is not None:
            wanted[door.answer, "serialization"] = None
    schemas, rest = TypeAdapter.json_schemas(
        [(kind, mode, TypeAdapter(kind)) for kind, mode in wanted],
        ref_template="#/components/schemas/{model}",
    )
    return schemas, rest.get("$defs", {})


def _operation(door: Door, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{door.name}.{door.method.lower()}",
        "summary": (door.handler.__doc__ or "").strip().splitlines()[0],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(door.path)
        ],
        "responses": {
            "200": {"description": "Done"},
            "default": {"description": "problem+json (RFC 9457)"},
        },
    }
    if door.answer is not None:
        operation["responses"]["200"] |= _json(schemas[door.answer, "serialization"])
    if door.body is not None:
        operation["requestBody"] = {"required": True, **_json(schemas[door.body, "validation"])}
    if door.action is not None:
        operation["x-action"] = door.action.value
    return operation


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
