"""compose.yaml and the image hold to the compose specification and to what we promise."""

import copy
import json
import os
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.locks import ROOT
from server.settings import load_settings

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
OWN = ("lianzhen", "migrate")
OUTSIDE = ("proxy", "turn")
HAS_CHECK_IN_ITS_IMAGE = ("lianzhen",)
WORDS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
HEALTHY = {"condition": "service_healthy"}
COMMAND = {"type": "array", "items": {"type": "string"}}
SIZE = {"type": "string", "pattern": r"^\d+[bkmg]$"}
TIME = {"type": "string", "pattern": r"^(\d+(ms|s|m|h))+$"}


def one_of(*words: str) -> dict[str, Any]:
    return {"enum": list(words)}


def exactly(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def named(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9_-]+$"},
        "additionalProperties": each,
    }


# what of the compose specification we use, in our own words; anything else is a slip of the pen
SERVICE = exactly(
    ("image",),
    image={"type": "string", "pattern": "^[a-z0-9./-]+:[0-9][a-z0-9.-]*$"},  # never without version
    build=exactly(("context",), context={"type": "string"}),
    command=COMMAND,
    entrypoint=COMMAND,
    restart={"type": "string", "pattern": r"^(no|always|unless-stopped|on-failure(:\d+)?)$"},
    init={"type": "boolean"},
    user={"type": "string"},
    read_only={"type": "boolean"},
    tmpfs=WORDS,
    cap_drop=WORDS,
    cap_add=WORDS,
    security_opt=WORDS,
    environment={"type": "object", "additionalProperties": {"type": "string"}},
    secrets=WORDS,
    volumes=WORDS,
    ports={"type": "array", "items": {"type": "string", "pattern": r"^\d+:\d+(/udp|/tcp)?$"}},
    networks={"oneOf": [WORDS, named({"type": ["object", "null"]})]},
    depends_on=named(
        exactly(
            ("condition",),
            condition=one_of(
                "service_started", "service_healthy", "service_completed_successfully"
            ),
        )
    ),
    healthcheck=exactly(
        ("test",), test=COMMAND, interval=TIME, timeout=TIME, retries={"type": "integer"}
    ),
    stop_grace_period=TIME,
    mem_limit=SIZE,
    shm_size=SIZE,
    pids_limit={"type": "integer"},
)
FILE = {
    "type": "object",
    "required": ["services"],
    "properties": {
        "services": named(SERVICE),
        "secrets": named(exactly(("file",), file={"type": "string", "pattern": r"^\./secrets/"})),
        "volumes": named({"type": "null"}),
        "networks": named({"type": ["object", "null"]}),
    },
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
}


def faults(compose: dict[str, Any]) -> list[str]:
    """What a hospital's engineer would be told, or should be."""
    wrong = [error.json_path for error in Draft202012Validator(FILE).iter_errors(compose)]
    return wrong or [*unknown_names(compose), *open_doors(compose)]


def unknown_names(compose: dict[str, Any]) -> Iterator[str]:
    services = compose["services"]
    for name, service in services.items():
        for kind in ("secrets", "networks"):
            yield from (
                f"{name}: {kind} {x}" for x in service.get(kind, []) if x not in compose[kind]
            )
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            is_there = (
                (DEPLOY / source).exists()
                if source.startswith(".")
                else source in compose["volumes"]
            )
            if not is_there:
                yield f"{name}: volume {source}"
        for other, told in service.get("depends_on", {}).items():
            has_check = "healthcheck" in services.get(other, {}) or other in HAS_CHECK_IN_ITS_IMAGE
            if other not in services or (told["condition"] == "service_healthy" and not has_check):
                yield f"{name}: depends on {other}"


def open_doors(compose: dict[str, Any]) -> Iterator[str]:
    """Only the proxy is reached from outside; what is ours stands behind every wall."""
    if not compose["networks"]["inside"]["internal"]:
        yield "the inner network leads outside"
    for name, service in compose["services"].items():
        if "no-new-privileges:true" not in service.get("security_opt", []) and name != "bucket":
            yield f"{name}: new privileges"
        if {"mem_limit", "pids_limit", "restart"} - set(service):
            yield f"{name}: unbounded, or not started again"
        if name not in OUTSIDE and ("ports" in service or set(service["networks"]) != {"inside"}):
            yield f"{name}: reached from outside"
        is_shut = service.get("read_only") and service.get("cap_drop") == ["ALL"]
        if name in OWN and (not is_shut or "cap_add" in service):
            yield f"{name}: not shut"


def spoil(change: Callable[[dict[str, Any]], object]) -> list[str]:
    other = copy.deepcopy(COMPOSE)
    change(other["services"])
    return faults(other)


def test_the_file_is_what_the_specification_and_we_allow() -> None:
    assert faults(COMPOSE) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda x: x["lianzhen"].update(port=["80:80"]), "$.services.lianzhen"),
        (lambda x: x["redis"].update(image="redis"), "$.services.redis.image"),
        (lambda x: x["redis"].update(image="redis:latest"), "$.services.redis.image"),
        (lambda x: x["postgres"].update(secrets=["nothing"]), "postgres: secrets nothing"),
        (lambda x: x["store"].update(volumes=["lost:/data"]), "store: volume lost"),
        (lambda x: x["proxy"]["depends_on"].update(lian=HEALTHY), "proxy: depends on lian"),
        (lambda x: x["bucket"]["depends_on"].update(store=HEALTHY), "bucket: depends on store"),
        (lambda x: x["postgres"].update(ports=["5432:5432"]), "postgres: reached from outside"),
        (lambda x: x["lianzhen"].update(read_only=False), "lianzhen: not shut"),
        (lambda x: x["lianzhen"].update(cap_add=["SYS_ADMIN"]), "lianzhen: not shut"),
        (lambda x: x["redis"].pop("security_opt"), "redis: new privileges"),
        (lambda x: x["store"].pop("mem_limit"), "store: unbounded, or not started again"),
    ],
)  # fmt: skip
def test_a_slip_in_the_file_is_told(change: Callable[[Any], object], told: str) -> None:
    assert told in spoil(change)


def prepare(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DEPLOY / "prepare.sh"), "lianzhen.hospital.local"],
        env={**os.environ, "LIANZHEN_SECRETS": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_prepared_secrets_are_all_that_the_file_reads_and_fit_together(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert prepare(folder).returncode == 0
    made = {path.name for path in folder.iterdir()}
    assert made == {Path(each["file"]).name for each in COMPOSE["secrets"].values()}
    assert folder.stat().st_mode & 0o777 == 0o700
    settings = load_settings({"data_dir": tmp_path / "data"}, config_file=folder / "lianzhen.toml")
    password = (folder / "postgres_password").read_text()
    assert settings.database_url == f"postgresql://lianzhen:{password}@postgres/lianzhen"
    keys = json.loads((folder / "s3.json").read_text())["identities"][0]["credentials"][0]
    assert (keys["accessKey"], keys["secretKey"]) == (
        settings.blob_access_key,
        settings.blob_secret_key,
    )
    told = tomllib.loads((folder / "lianzhen.toml").read_text())
    proxy = COMPOSE["services"]["proxy"]["networks"]["inside"]["ipv4_address"]
    assert told["trusted_proxy"] == proxy
    assert ip_address(proxy) in ip_network(
        COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    )
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert prepare(folder).returncode == 1, "never over what is there"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_relay_and_the_house_know_each_other_and_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert prepare(folder).returncode == 0
    settings = load_settings({"data_dir": tmp_path / "data"}, config_file=folder / "lianzhen.toml")
    lines = (folder / "turnserver.conf").read_text().splitlines()
    assert f"static-auth-secret={(folder / 'turn_secret').read_text()}" in lines
    inside = {
        name: COMPOSE["services"][name]["networks"]["inside"]["ipv4_address"]
        for name in ("lianzhen", "turn")
    }
    assert settings.media_address == (inside["lianzhen"],)
    assert [line for line in lines if line.startswith("allowed-peer-ip")] == [
        f"allowed-peer-ip={inside['lianzhen']}"
    ]
    assert f"relay-ip={inside['turn']}" in lines
    assert [each.host for each in settings.turn_addresses] == [
        *["lianzhen.hospital.local"] * 2,
        "turn.lianzhen.hospital.local",
    ]


def test_the_image_ends_without_compiler_root_and_secrets() -> None:
    build, end = DOCKERFILE.split("\nFROM ")[1:]
    assert "AS build" in build.splitlines()[0]
    for word in ("pip", "npm", "gcc", "build-essential", "-dev"):
        assert word not in end.replace("no compiler", ""), word
    assert end.count("\nUSER 10001:10001\n") == 1
    assert "\nHEALTHCHECK " in end
    assert 'ENTRYPOINT ["lianzhen"]' in end
    assert "ADD " not in DOCKERFILE
    kept = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert kept[1] == "*", "only what is named comes in"
    assert "deploy/secrets" in kept
    assert not {"!data", "!tests", "!.git", "!docs"} & set(kept)


def test_every_debian_package_is_named_the_same_everywhere() -> None:
    wanted = set((DEPLOY / "debian-packages.txt").read_text().split()) - {
        "python3.11",
        "python3.11-venv",
    }
    end = DOCKERFILE.split("\nFROM ")[2]
    line = next(
        x for x in (ROOT / "Makefile").read_text().splitlines() if x.startswith("RUN_LIBRARIES")
    )
    assert set(line.partition(":=")[2].split()) == wanted
    assert all(f" {name} " in end.replace("\\\n", " ") for name in wanted)
