"""The bill of materials of a release: CycloneDX 1.6, from the locks alone.

    python -m deploy.sbom > sbom.cdx.json

The same locks give the same bytes. A library's files are its wheels for the two machines that we
ship for (`wheels.lock`); an npm package's hash is the one of the npm lock.
"""

import base64
import json
import tomllib
from collections.abc import Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from deploy.licences import Part, parts
from deploy.locks import NPM_LOCK, ROOT, RUN_TIME, read_npm, read_pins
from deploy.wheels import Wheel, read_wheels

_ROOT_REF: Final = "lianzhen"
_PURL_TYPES: Final = {"Python": "pypi", "browser": "npm"}


def make_sbom() -> dict[str, Any]:
    """Everything that a release consists of, and who needs whom."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    shipped = parts()
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": _ROOT_REF,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"expression": project["license"]}],
            },
        },
        "components": [_component(part) for part in shipped],
        "dependencies": _dependencies(shipped),
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(bill, sort_keys=True))
    return {**bill, "serialNumber": f"urn:uuid:{serial}"}


def _purl(part: Part) -> str:
    name = part.name.replace("@", "%40", 1)
    return f"pkg:{_PURL_TYPES[part.kind]}/{name}@{part.version}"


def _component(part: Part) -> dict[str, Any]:
    common = {
        "type": "library",
        "bom-ref": _purl(part),
        "name": part.name,
        "version": part.version,
        "purl": _purl(part),
        "scope": "required",
        "licenses": [{"expression": part.licence}],
    }
    if part.kind == "browser":
        return {**common, "hashes": [{"alg": "SHA-512", "content": _integrity(part)}]}
    return {
        **common,
        "components": [_file(each) for each in read_wheels() if each.name == part.name],
    }


def _file(wheel: Wheel) -> dict[str, Any]:
    return {
        "type": "file",
        "bom-ref": f"file:{wheel.file}",
        "name": wheel.file,
        "hashes": [{"alg": "SHA-256", "content": wheel.sha256}],
    }


def _integrity(part: Part) -> str:
    found = read_npm(ROOT / NPM_LOCK)
    pin = next(each for each in found if (each.name, each.version) == (part.name, part.version))
    return base64.b64decode(pin.integrity.removeprefix("sha512-")).hex()


def _dependencies(shipped: Sequence[Part]) -> list[dict[str, Any]]:
    """The locks say of each package who asked for it; only the root has no asker."""
    needs: dict[str, set[str]] = {_ROOT_REF: set()} | {_purl(part): set() for part in shipped}
    refs = {part.name: _purl(part) for part in shipped if part.kind == "Python"}
    for pin in read_pins(ROOT / RUN_TIME):
        for asker in pin.asked_by & {_ROOT_REF, *refs}:
            if pin.name in refs:
                needs[refs.get(asker, _ROOT_REF)].add(refs[pin.name])
    _add_browser(needs, [part for part in shipped if part.kind == "browser"])
    return [{"ref": ref, "dependsOn": sorted(those)} for ref, those in sorted(needs.items())]


def _add_browser(needs: dict[str, set[str]], shipped: Sequence[Part]) -> None:
    """A package may lie in the lock in two versions: whoever needs it may get either."""
    root_npm = json.loads((ROOT / NPM_LOCK).read_text("utf-8"))["packages"][""]["dependencies"]
    needs[_ROOT_REF] |= {_purl(part) for part in shipped if part.name in root_npm}
    asked = {(npm.name, npm.version): npm.needs for npm in read_npm(ROOT / NPM_LOCK)}
    for asker in shipped:
        names = asked[asker.name, asker.version]
        needs[_purl(asker)] |= {_purl(part) for part in shipped if part.name in names}


if __name__ == "__main__":
    print(json.dumps(make_sbom(), ensure_ascii=False, indent=1, sort_keys=True))
