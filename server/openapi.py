"""/openapi.json: made from the doors themselves, so it cannot differ from the router."""

import re
from typing import Any

from pydantic import BaseModel

from server.doors import Door

_TEMPLATE = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"{(\w+)(?::[^}]+)?}")


def describe(doors: list[Door]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every JSON route."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for door in sorted(
        (door for door in doors if door.is_api), key=lambda door: (door.path, door.method)
    ):
        path = _PARAMETER.sub(r"{\1}", door.path)
        paths.setdefault(path, {})[door.method.lower()] = _operation(door, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lianzhen", "version": "0.1.0"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(door: Door, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{door.name}.{door.method.lower()}",
        "summary": (door.handler.__doc__ or "").strip().splitlines()[0],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(door.path)
        ],
        "responses": {
            "200": _content(door.answer, schemas, "Done"),
            "default": {"description": "problem+json (RFC 9457)"},
        },
    }
    if door.body is not None:
        operation["requestBody"] = {"required": True, **_content(door.body, schemas, None)}
    if door.action is not None:
        operation["x-action"] = door.action.value
    return operation


def _content(
    model: type[BaseModel] | None, schemas: dict[str, Any], description: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {} if description is None else {"description": description}
    if model is None:
        return found
    schema = model.model_json_schema(ref_template=_TEMPLATE)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
    found["content"] = {
        "application/json": {"schema": {"$ref": _TEMPLATE.format(model=model.__name__)}}
    }
    return found
