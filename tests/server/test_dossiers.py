"""The dossier: one file, equal on both sides, checked by one script without network (RPT-09)."""

import asyncio
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from consult.dossiers import check_dossier
from consult.dossiers.service import CHECKER
from consult.kernel.work import Role
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
WITH_IMAGES = {"reason": "archive", "images": "yes"}


async def export(
    house: WorldHouse, person: Person, query: Mapping[str, str], *, thing: str = "referred"
) -> tuple[int, bytes]:
    path = f"/api/cases/{house.world.things[thing]}/dossier"
    async with house.visitor(person) as visitor:
        return await fetch(visitor, path, query)


async def fetch(visitor: Visitor, path: str, query: Mapping[str, str]) -> tuple[int, bytes]:
    async with visitor.raw.get(path, params=dict(query)) as answer:
        return answer.status, await answer.read()


def physician(house: WorldHouse) -> Person:
    return house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)


def expert(house: WorldHouse) -> Person:
    return house.world.person(Side.LEAD, Role.EXPERT)


def files_in(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(folder: Path, files: Mapping[str, bytes]) -> str:
    path = folder / "dossier.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return str(path)


async def test_both_sides_export_the_same_bytes_and_looking_changes_nothing(
    house: WorldHouse,
) -> None:
    inviting = await export(house, physician(house), WITH_IMAGES)
    async with house.visitor(expert(house)) as visitor:
        assert (await visitor.get(f"/api/cases/{house.world.things['referred']}"))[0] == 200
    invited = await export(house, expert(house), WITH_IMAGES | {"reason": "quality"})
    assert (inviting[0], invited[0]) == (200, 200)
    assert inviting[1] == invited[1]
    without = await export(house, expert(house), {"reason": "archive"})
    manifest = files_in(inviting[1])["manifest.json"]
    assert files_in(without[1])["manifest.json"] == manifest
    assert len(without[1]) < len(inviting[1])
    lines = house.world.now.lines()
    exports = [line for line in lines if line.kind == "dossier.exported"][-3:]
    assert [line.reason for line in exports] == ["archive", "quality", "archive"]
    told = hashlib.sha256(manifest).hexdigest()
    assert {line.codes["manifest_sha256"] for line in exports} == {told}
    assert [line.codes["images"] for line in exports] == [1, 1, 0]


@pytest.mark.parametrize(
    ("thing", "statuses"),
    [
        ("amended", ["final", "amended"]),
        ("retracted", ["final", "amended", "retracted"]),
    ],
)
async def test_versions_that_no_longer_hold_are_in_it_and_fit(
    house: WorldHouse, tmp_path: Path, thing: str, statuses: list[str]
) -> None:
    inviting = await export(house, physician(house), WITH_IMAGES, thing=thing)
    invited = await export(house, expert(house), WITH_IMAGES | {"reason": "dispute"}, thing=thing)
    assert inviting == invited
    files = files_in(inviting[1])
    manifest = json.loads(files["manifest.json"])
    assert [report["status"] for report in manifest["reports"]] == statuses
    assert check_dossier.main([pack(tmp_path, files)]) == 0
    for number in range(1, len(statuses) + 1):
        name = f"reports/{number}.json"
        changed = files | {name: files[name].replace(b'"version":', b'"version" :')}
        assert check_dossier.main([pack(tmp_path, changed)]) == 1
        less = {each: content for each, content in files.items() if each != name}
        assert check_dossier.main([pack(tmp_path, less)]) == 1


async def test_the_marks_under_a_report_are_in_it_and_are_those_that_were_signed(
    house: WorldHouse,
) -> None:
    files = files_in((await export(house, physician(house), WITH_IMAGES, thing="amended"))[1])
    manifest, spki = check_dossier.check_manifest(files, None)
    check_dossier.check_reports(files, manifest, spki)
    name = "reports/1.marks.json"
    assert json.loads(files[name])["marks"][0]["lesion"] == "haemorrhage"
    moved = files | {name: files[name].replace(b"9.5", b"9.6")}
    less = {each: content for each, content in files.items() if each != name}
    for changed in (moved, less):
        with pytest.raises(check_dossier.DamagedError, match="marks"):
            check_dossier.check_reports(changed, manifest, spki)


async def test_the_dossier_is_whole(house: WorldHouse) -> None:
    files = files_in((await export(house, physician(house), WITH_IMAGES))[1])
    assert len([name for name in files if name.startswith("images/")]) == 4
    kinds = [json.loads(line)["kind"] for line in files["journal.jsonl"].splitlines()]
    for kind in ("case.drafted", "case.submitted", "report.signed", "case.decided"):
        assert kind in kinds
    assert json.loads(files["consents.json"])["consents"]
    assert json.loads(files["answers.json"])["decisions"]
    assert json.loads(files["referrals.json"])["referrals"][0]["appointment"]
    assert b"13757939483" not in b"".join(files.values()), "no phone number"


@pytest.mark.parametrize("isolated", [[], ["-S"]], ids=["with the library", "standard library"])
async def test_the_script_checks_it_offline(
    house: WorldHouse, tmp_path: Path, isolated: list[str]
) -> None:
    packed = (await export(house, physician(house), WITH_IMAGES))[1]
    path = tmp_path / "dossier.zip"
    path.write_bytes(packed)
    script = tmp_path / "check_dossier.py"
    script.write_bytes(files_in(packed)["check_dossier.py"])
    assert script.read_bytes() == CHECKER.read_bytes()
    told = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-I", "-X", "utf8", *isolated, str(script), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "EVERYTHING FITS" in told.stdout
    assert ("cryptography   no" in told.stdout) == bool(isolated)
    assert check_dossier.main([str(path), "--seal-id", "00" * 32]) == 1


async def test_no_file_of_a_dossier_changes_unseen(house: WorldHouse, tmp_path: Path) -> None:
    files = files_in((await export(house, physician(house), WITH_IMAGES))[1])
    assert check_dossier.main([pack(tmp_path, files)]) == 0
    seed = random.Random(3)  # noqa: S311 - no secret
    unseen = []
    for name in sorted(files):
        for _ in range(6):
            changed = bytearray(files[name])
            changed[seed.randrange(len(changed))] ^= seed.randrange(1, 256)
            if check_dossier.main([pack(tmp_path, files | {name: bytes(changed)})]) == 0:
                unseen.append(name)
    assert unseen == []
    needed = {name for name in files if not name.startswith("images/")}
    for name in needed:
        less = {each: content for each, content in files.items() if each != name}
        assert check_dossier.main([pack(tmp_path, less)]) != 0, name
    assert check_dossier.main([pack(tmp_path, files | {"more.txt": b"x"})]) == 1


async def test_a_forged_dossier_has_another_seal(house: WorldHouse, tmp_path: Path) -> None:
    """Whoever signs a changed dossier with a key of her own is found by the seal's number."""
    files = files_in((await export(house, physician(house), {"reason": "archive"}))[1])
    manifest = json.loads(files["manifest.json"])
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    known = manifest["seal_id"]
    manifest["seal_id"] = hashlib.sha256(der).hexdigest()
    for each in manifest["files"]:
        if each["name"] == "seal.pem":
            each |= {"size": len(pem), "sha256": hashlib.sha256(pem).hexdigest()}
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    signature = key.sign(text, ec.ECDSA(hashes.SHA256()))
    forged = files | {"manifest.json": text, "manifest.sig": signature, "seal.pem": pem}
    assert check_dossier.main([pack(tmp_path, forged)]) == 1, "the report's seal is another one"
    assert check_dossier.main([pack(tmp_path, forged), "--seal-id", known]) == 1


async def test_the_timeline_says_who_took_it_and_why(house: WorldHouse) -> None:
    await export(house, expert(house), {"reason": "dispute"})
    async with house.visitor(physician(house)) as visitor:
        _status, page = await visitor.page(f"/cases/{house.world.things['referred']}")
    assert "导出病例档案" in page
    assert "投诉或纠纷处理" in page


async def test_who_may_take_what(house: WorldHouse) -> None:
    person = house.world.person
    photographer = person(Side.HOME, Role.PHOTOGRAPHER)
    coordinator = person(Side.LEAD, Role.COORDINATOR)
    stranger = person(Side.AWAY, Role.REQUESTING_PHYSICIAN)
    assert (await export(house, photographer, {"reason": "archive"}))[0] == 403
    assert (await export(house, coordinator, {"reason": "archive"}))[0] == 200
    assert (await export(house, coordinator, WITH_IMAGES))[0] == 403
    assert (await export(house, stranger, {"reason": "archive"}))[0] == 404
    status, told = await export(house, physician(house), {})
    assert (status, json.loads(told)["errors"][0]["code"]) == (422, "field-missing")
    assert (await export(house, physician(house), {"reason": "curiosity"}))[0] == 422
    status, told = await export(house, physician(house), {"reason": "archive"}, thing="draft")
    assert (status, json.loads(told)["code"]) == (422, "dossier-not-submitted")


async def test_an_original_is_taken_with_a_reason_and_written_down(house: WorldHouse) -> None:
    things = house.world.things
    path = f"/api/cases/{things['case']}/images/{things['image']}/original"
    async with house.visitor(expert(house)) as visitor:
        assert (await fetch(visitor, path, {}))[0] == 422
        status, stored = await fetch(visitor, path, {"reason": "treatment"})
    line = next(
        line for line in reversed(house.world.now.lines()) if line.kind == "image.downloaded"
    )
    assert status == 200
    assert line.codes["sha256"] == hashlib.sha256(stored).hexdigest()
    assert (line.reason, line.practitioner_id) == ("treatment", expert(house).id)
    async with house.visitor(house.world.person(Side.LEAD, Role.COORDINATOR)) as visitor:
        assert (await fetch(visitor, path, {"reason": "treatment"}))[0] == 403
    elsewhere = path.replace(things["case"], things["reported"])
    async with house.visitor(expert(house)) as visitor:
        assert (await fetch(visitor, elsewhere, {"reason": "treatment"}))[0] == 404


async def test_the_button_stands_on_the_page_of_whoever_may(house: WorldHouse) -> None:
    path = f"/cases/{house.world.things['referred']}"
    async with house.visitor(physician(house)) as visitor:
        assert "导出档案" in (await visitor.page(path))[1]
    async with house.visitor(physician(house), language="en") as visitor:
        assert "Export the dossier" in (await visitor.page(path))[1]
    async with house.visitor(house.world.person(Side.HOME, Role.PHOTOGRAPHER)) as visitor:
        assert "导出档案" not in (await visitor.page(path))[1]


def test_our_own_arithmetic_agrees_with_the_library() -> None:
    seed = random.Random(256)  # noqa: S311 - no secret
    for _ in range(40):
        key = ec.generate_private_key(ec.SECP256R1())
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        content = seed.randbytes(seed.randrange(200))
        signature = key.sign(content, ec.ECDSA(hashes.SHA256()))
        assert check_dossier.is_signed(spki, signature, content)
        assert not check_dossier.is_signed(spki, signature, content + b"x")
        changed = bytearray(signature)
        changed[seed.randrange(len(changed))] ^= seed.randrange(1, 256)
        ours = check_dossier.is_signed(spki, bytes(changed), content)
        assert ours == check_dossier.is_signed_by_library(spki, bytes(changed), content)


@pytest.mark.parametrize(
    "signature",
    [b"", b"\x30", b"\x30\x00", bytes.fromhex("3006020100020100"), b"\x30\x03\x02\x01\x01"],
)
def test_nonsense_is_no_signature(signature: bytes) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert not check_dossier.is_signed(spki, signature, b"")
    assert not check_dossier.is_signed(spki[:-1] + b"\x00", signature, b"")
