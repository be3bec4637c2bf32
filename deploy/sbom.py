"""The bill of materials of a release: CycloneDX 1.6, from the locks alone.

    python -m deploy.sbom > sbom.cdx.json

The same locks give the same bytes. A library's files are its wheels for the two machines that we
ship for (`wheels.lock`); an npm package's hash is the one of the npm lock.
"""

import base64
import json
import tomllib
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
        "dependencies": _dependencies({part.name: _purl(part) for part in shipped}),
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
        return {**common, "hashes": [{"alg": "SHA-512", "content": _integrity(part.name)}]}
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


def _integrity(name: str) -> str:
    (pin,) = (each for each in read_npm(ROOT / NPM_LOCK) if each.name == name and each.is_run_time)
    return base64.b64decode(pin.integrity.removeprefix("sha512-")).hex()


def _dependencies(refs: dict[str, str]) -> list[dict[str, Any]]:
    """The locks say of each package who asked for it; only the root has no asker."""
    needs: dict[str, set[str]] = {ref: set() for ref in (_ROOT_REF, *refs.values())}
    for pin in read_pins(ROOT / RUN_TIME):
        for asker in pin.asked_by & {_ROOT_REF, *refs}:
            if pin.name in refs:
                needs[refs.get(asker, _ROOT_REF)].add(refs[pin.name])
    root_npm = json.loads((ROOT / NPM_LOCK).read_text("utf-8"))["packages"][""]["dependencies"]
    needs[_ROOT_REF] |= {refs[name] for name in root_npm}
    for npm in read_npm(ROOT / NPM_LOCK):
        if npm.is_run_time:
            needs[refs[npm.name]] |= {refs[name] for name in npm.needs if name in refs}
    return [{"ref": ref, "dependsOn": sorted(those)} for ref, those in sorted(needs.items())]


if __name__ == "__main__":
    print(json.dumps(make_sbom(), ensure_ascii=False, indent=1, sort_keys=True))
