"""A plan as JSON on its way into the jail, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from imaging.errors import Refusal, RefusedError
from imaging.lenient import FAULTS
from imaging.report_objects.model import Measured, Papered, Plan, Presented, Selected

_KINDS: Final[Mapping[str, type[Plan]]] = {
    kind.__name__: kind for kind in (Measured, Presented, Selected, Papered)
}


def plan_as_json(plan: Plan) -> bytes:
    """The plan with the name of its kind."""
    told = {"kind": type(plan).__name__, "plan": asdict(plan)}
    return json.dumps(told, ensure_ascii=False, allow_nan=False).encode()


def read_plan(told: bytes) -> Plan:
    """The plan that was told; raises RefusedError where it is none."""
    try:
        found = json.loads(told)
        plan: Plan = _restored(_KINDS[found["kind"]], found["plan"])
    except (*FAULTS, RecursionError) as error:
        raise _no_plan() from error
    return plan


def _no_plan() -> RefusedError:
    return RefusedError(Refusal.INVALID_PARAMS, {"param": "plan"})


def _restored(kind: Any, told: Any) -> Any:
    """A value of this type; what has another one is refused."""
    if is_dataclass(kind):
        return _made(kind, told)
    origin = get_origin(kind)
    if origin is tuple:
        return _all_restored(get_args(kind), told)
    if origin in {Union, UnionType}:
        (some,) = (each for each in get_args(kind) if each is not type(None))
        return None if told is None else _restored(some, told)
    if origin is not None:
        return _checked(dict, told)
    return float(told) if kind is float and type(told) is int else _checked(kind, told)


def _made(kind: Any, told: Any) -> Any:
    hints, given = get_type_hints(kind), _checked(dict, told)
    return kind(
        **{each.name: _restored(hints[each.name], given[each.name]) for each in fields(kind)}
    )


def _all_restored(kinds: tuple[Any, ...], told: Any) -> tuple[Any, ...]:
    given = _checked(list, told)
    if kinds[-1] is Ellipsis:
        return tuple(_restored(kinds[0], each) for each in given)
    return tuple(_restored(kind, each) for kind, each in zip(kinds, given, strict=True))


def _checked(kind: type, told: Any) -> Any:
    if type(told) is not kind:
        raise _no_plan()
    return told
