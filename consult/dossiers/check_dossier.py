#!/usr/bin/env python3
"""Check a Lianzhen case dossier without network and without trust in who handed it over.

    python3 check_dossier.py DOSSIER.zip [--seal-id HEX]

It needs only Python's standard library; where the package `cryptography` is there, signatures are
checked by it as well. Exit code 0: everything fits. 1: something was changed. 2: no dossier.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import xml.etree.ElementTree as ET
import zipfile
from typing import Any, Dict, Optional, Tuple

Point = Optional[Tuple[int, int]]
Files = Dict[str, bytes]
Told = Dict[str, Any]

# NIST P-256 (FIPS 186-5, SP 800-186)
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SPKI_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
WORD = 32
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "metadata", "g", "title", "circle", "path", "polygon", "polyline", "text"}
OF_CALLS = {
    "room.opened": ("opened", "room"),
    "room.ended": ("ended", "room"),
    "room.joined": ("joined", "stay"),
    "room.left": ("left", "stay"),
    "room.minutes_written": ("minutes", "minutes"),
    "room.said": ("said", "word"),
    "room.hand_raised": ("raised", "turn"),
    "room.word_given": ("given", "turn"),
    "room.present_said": ("present", "present"),
    "room.present_gone": ("gone", "present"),
    "room.hand_lowered": ("done", "turn"),
    "room.word_ended": ("done", "turn"),
}
LINES = {"arrow", "length", "angle", "polygon", "freehand"}


class DamagedError(Exception):
    """Something does not fit."""


def require(holds: object, otherwise: str) -> None:
    """Raise DamagedError unless it holds."""
    if not holds:
        raise DamagedError(otherwise)


def add(left: Point, right: Point) -> Point:
    """Sum of two points of the curve; None is the point at infinity."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def multiply(factor: int, point: Point) -> Point:
    """A point added to itself so many times."""
    total: Point = None
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def read_integers(signature: bytes) -> list[int] | None:
    """The two numbers of a DER-coded ECDSA signature, or None where the coding is not strict."""
    numbers: list[int] = []
    rest = signature[2:]
    if signature[:1] != b"\x30" or len(signature) < 2 or signature[1] != len(rest):
        return None
    while rest:
        if rest[0] != 2 or len(rest) < 3 or rest[1] == 0 or rest[1] > len(rest) - 2:
            return None
        body, rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        is_padded = body[0] == 0 and (len(body) == 1 or body[1] < 0x80)
        if body[0] >= 0x80 or is_padded:
            return None
        numbers.append(int.from_bytes(body, "big"))
    return numbers if len(numbers) == 2 else None


def is_signed(spki: bytes, signature: bytes, content: bytes) -> bool:
    """ECDSA over P-256 with SHA-256: whether the signature fits the bytes (FIPS 186-5, 6.4.2)."""
    numbers = read_integers(signature)
    if not spki.startswith(SPKI_P256) or len(spki) != len(SPKI_P256) + 2 * WORD or not numbers:
        return False
    r, s = numbers
    x, y = (int.from_bytes(spki[place:][:WORD], "big") for place in (-2 * WORD, -WORD))
    on_curve = x < P and y < P and (y * y - x * x * x + 3 * x - B) % P == 0
    if not on_curve or not (0 < r < N and 0 < s < N):
        return False
    digest = int.from_bytes(hashlib.sha256(content).digest(), "big")
    inverse = pow(s, -1, N)
    point = add(multiply(digest * inverse % N, G), multiply(r * inverse % N, (x, y)))
    return point is not None and point[0] % N == r


def is_signed_by_library(spki: bytes, signature: bytes, content: bytes) -> bool | None:
    """The same question to `cryptography`; None where it is not installed."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError:
        return None
    try:
        key: Any = serialization.load_der_public_key(spki)
        key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def require_signed(spki: bytes, signature: bytes, content: bytes, name: str) -> None:
    """Raise DamagedError unless both ways agree that the signature fits."""
    answers = {is_signed(spki, signature, content), is_signed_by_library(spki, signature, content)}
    require(answers - {None} == {True}, "the signature does not fit: " + name)


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def compact(value: object) -> str:
    """JSON as the journal hashes it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def check_manifest(files: Files, seal_id: str | None) -> tuple[Told, bytes]:
    """The seal over the manifest, and every file against it."""
    manifest: Told = json.loads(files["manifest.json"])
    spki = spki_of(files["seal.pem"])
    sealed_by = {digest(spki), manifest["seal_id"], seal_id or manifest["seal_id"]}
    require(len(sealed_by) == 1, "it was sealed by another key")
    require_signed(spki, files["manifest.sig"], files["manifest.json"], "manifest.json")
    named = {each["name"]: each for each in manifest["files"]}
    images = {each["name"]: each for each in manifest["images"]}
    require(named.keys() <= files.keys(), "a file is missing")
    for name in files.keys() - {"manifest.json", "manifest.sig"}:
        told = named.get(name) or images.get(name) or {}
        fits = told.get("size") == len(files[name]) and told.get("sha256") == digest(files[name])
        require(fits, "changed, or not in the manifest: " + name)
    return manifest, spki


def spki_of(pem: bytes) -> bytes:
    """The DER bytes between the lines of a PEM file (RFC 7468)."""
    lines = pem.decode("ascii").splitlines()
    return base64.b64decode("".join(line for line in lines if line[:5] != "-----"), validate=True)


def check_reports(files: Files, manifest: Told, spki: bytes) -> None:
    """Each version's signature, and the images that it rests on."""
    stored = {each["instance_id"]: each["sha256"] for each in manifest["images"]}
    for report in manifest["reports"]:
        name = "reports/%d.json" % report["version"]
        canonical = files[name]
        require(digest(canonical) == report["sha256"], "changed: " + name)
        require_signed(spki, files[name[:-4] + "sig"], canonical, name)
        told = json.loads(canonical)
        for key in ("version", "seal_id"):
            require(told[key] == report[key], "another " + key + ": " + name)
        require(told["case"]["id"] == manifest["case"]["id"], "another case: " + name)
        marks = files.get(name[:-4] + "marks.json")
        signed = (told.get("marks") or {}).get("sha256")
        found = None if marks is None else digest(marks)
        require(found == signed, "not the marks that were signed: " + name)
        # a retraction says nothing of the patient, and rests on no image
        for image in () if "retraction" in told else told["materials"]:
            fits = stored.get(image["instance_id"]) == image["sha256"]
            require(fits, "not the image that was signed: " + image["sop_instance_uid"])


def hash_of_line(line: Told) -> str:
    """What the line's hash must be."""
    names = ("previous", "position", "kind", "object", "at", "by", "about", "reason", "codes")
    chained = {name: line[name] for name in names}
    chained["words"] = line["words_hash"]
    return digest(compact(chained).encode())


def check_line(line: Told, previous: Told | None, case_id: str) -> None:
    """One line's hash, its words, its case, and that it follows from the line before it."""
    place = "journal line %d" % line["position"]
    require(hash_of_line(line) == line["hash"], "changed: " + place)
    if line["words"] is not None:
        salted = base64.b64decode(line["salt"]) + compact(line["words"]).encode()
        require(digest(salted) == line["words_hash"], "changed words: " + place)
    require(line["about"][0] == case_id, "another case: " + place)
    if previous is not None:
        further = line["position"] - previous["position"]
        require(further > 0, "out of order: " + place)
        follows = further > 1 or line["previous"] == previous["hash"]
        require(follows, "does not follow: " + place)


def check_journal(files: Files, manifest: Told) -> None:
    """Every line, and that the journal tells of the reports in the dossier."""
    previous: Told | None = None
    signed = {}
    for text in files["journal.jsonl"].decode("utf-8").split("\n")[:-1]:
        line = json.loads(text)
        check_line(line, previous, manifest["case"]["id"])
        if line["kind"] in ("report.signed", "reading.signed"):
            signed[line["object"][1]] = (line["codes"]["sha256"], line["codes"]["status"])
        previous = line
    for report in manifest["reports"]:
        is_told = signed.get(report["id"]) == (report["sha256"], report["status"])
        require(is_told, "the journal does not tell of report %d" % report["version"])


def check_discussion(files: Files, manifest: Told) -> int:
    """Every message is the one that the journal tells of, and none is missing; how many."""
    lines = [json.loads(text) for text in files["journal.jsonl"].decode("utf-8").split("\n")[:-1]]
    sent = [line for line in lines if line["kind"] == "discussion.sent"]
    told = {line["codes"]["message"]: line["codes"]["sha256"] for line in sent}
    found: Told = {}
    for each in json.loads(files.get("discussion.json", b'{"messages":[]}'))["messages"]:
        message = each["message"]
        place = "message %d" % message["number"]
        require(digest(compact(message).encode()) == each["sha256"], "changed: " + place)
        require(message["case_id"] == manifest["case"]["id"], "another case: " + place)
        require(message["amends_id"] in {None, *found}, "amends what is not there: " + place)
        is_told = told.get(message["id"]) == each["sha256"]
        require(is_told, "the journal does not tell of " + place)
        found[message["id"]] = message
    require(found.keys() == told.keys(), "a message is missing")
    return len(found)


def check_calls(files: Files) -> int:
    """Every call, and who was there, is as the journal tells, and none is missing; how many."""
    calls = json.loads(files.get("calls.json", b'{"calls":[]}'))["calls"]
    told: Told = {}
    for text in files["journal.jsonl"].decode("utf-8").split("\n")[:-1]:
        line = json.loads(text)
        step, code = OF_CALLS.get(line["kind"], ("", ""))
        # the first releases told no words
        if step and (step != "said" or any("words" in call for call in calls)):
            told[step + " " + line["codes"][code]] = line
    found: set[str] = set()
    for call in calls:
        found |= check_call(call, told)
    require(found == told.keys(), "a call, or somebody's part in one, is missing")
    return len(calls)


def check_call(call: Told, told: Told) -> set[str]:
    """One call: when it began and ended, and who came and went; which lines tell of it."""
    place = "call " + call["id"]
    opened, ended = told.get("opened " + call["id"]), told.get("ended " + call["id"])
    require(opened is not None and opened["at"] == call["opened_at"], "not as told: " + place)
    require((ended and ended["at"]) == call["ended_at"], "not as told: " + place)
    ids = {call["id"]}
    for person in call["people"]:
        for stay in person["stays"]:
            check_stay(person, stay, told)
            ids.add(stay["id"])
    for each in call["minutes"]:
        line = told.get("minutes " + each["id"])
        said = [each["author_id"], each["written_at"], digest(each["content"].encode())]
        is_told = line is not None and [line["by"][0], line["at"], line["codes"]["sha256"]] == said
        require(is_told, "not as told: minutes " + each["id"])
        ids.add(each["id"])
    for each in call.get("words", ()):
        check_word(each, told)
        ids.add(each["id"])
    for each in call.get("turns", ()):
        check_turn(each, told)
        ids.add(each["id"])
    for each in call.get("present", ()):
        check_present(each, told)
        ids.add(each["id"])
    return {key for key in told if key.split(" ")[1] in ids}


def check_telephone(files: Files) -> int:
    """What was consulted on by telephone is as the journal tells, and none is missing; how many."""
    found = json.loads(files.get("calls.json", b"{}")).get("telephone", [])
    lines = [json.loads(text) for text in files["journal.jsonl"].decode("utf-8").split("\n")[:-1]]
    told = {it["codes"]["telephone"]: it for it in lines if it["kind"] == "room.telephoned"}
    for each in found:
        line = told.pop(each["id"], None)
        have = line and [
            *(*line["by"][:2], line["at"], line["codes"]["sha256"]),
            *(line["codes"]["at"], line["codes"]["why"]),
        ]
        said = [each["author_id"], each["institution_id"], each["written_at"]]
        said += [digest(each["result"].encode()), each["spoken_at"], each["why"]]
        require(have == said, "not as told: telephone " + each["id"])
    require(not told, "a consultation by telephone is missing")
    return len(found)


def check_present(person: Told, told: Told) -> None:
    """Who sat beside a participant from when until when, who said so, how she was identified."""
    came, gone = told.get("present " + person["id"]), told.get("gone " + person["id"])
    have = came and [
        *(*came["by"][:2], came["at"], came["codes"]["who"]),
        *(came["codes"].get("identity"), gone and gone["at"]),
    ]
    said = [person["said_by"], person["institution_id"], person["said_at"], person["who"]]
    said += [person["identity"], person["gone_at"]]
    require(have == said, "not as told: present " + person["id"])


def check_word(word: Told, told: Told) -> None:
    """What was written in a call, by whom and when; the first lines have no hash of it."""
    line = told.get("said " + word["id"])
    said = [word["person_id"], word["said_at"]]
    is_told = line is not None and [line["codes"]["person"], line["at"]] == said
    require(is_told, "not as told: message " + word["id"])
    hashed = line and line["codes"].get("sha256")
    is_same = hashed in (None, digest((word["salt"] + word["text"]).encode()))
    require(is_same, "not as told: message " + word["id"])


def check_turn(turn: Told, told: Told) -> None:
    """When somebody raised her hand, had the word, and how that ended."""
    raised, given, ended = (
        told.get(step + " " + turn["id"]) for step in ("raised", "given", "done")
    )
    have = [raised and raised["codes"]["person"], raised and raised["at"], given and given["at"]]
    have += [ended and ended["at"], ended and ended["codes"]["how"]]
    said = [turn["person_id"], turn["raised_at"], turn["given_at"], turn["ended_at"], turn["how"]]
    require(have == said, "not as told: turn " + turn["id"])


def check_opinions(files: Files, manifest: Told, spki: bytes) -> int:
    """Each opinion on a call is signed, is as the journal tells, and none is missing; how many."""
    lines = [json.loads(text) for text in files["journal.jsonl"].decode("utf-8").split("\n")[:-1]]
    told = {it["codes"]["opinion"]: it for it in lines if it["kind"] == "room.opinion_signed"}
    names = [name for name in files if name.startswith("opinions/") and name.endswith(".json")]
    for name in names:
        canonical = files[name]
        require_signed(spki, files[name[:-4] + "sig"], canonical, name)
        said = json.loads(canonical)
        line = told.pop(said["id"], None)
        is_told = line is not None and digest(canonical) == line["codes"]["sha256"]
        require(is_told, "not as told: " + name)
        require(said["case"]["id"] == manifest["case"]["id"], "another case: " + name)
    require(not told, "an opinion is missing")
    return len(names)


def check_stay(person: Told, stay: Told, told: Told) -> None:
    """One device of one person, from when to when, and how it ended."""
    place = "stay " + stay["id"]
    came, went = told.get("joined " + stay["id"]), told.get("left " + stay["id"])
    by = [person["person_id"], person["institution_id"]]
    is_told = came is not None and came["by"][:2] == by and came["at"] == stay["joined_at"]
    require(is_told, "not as told: " + place)
    left = went and [went["codes"]["at"], went["codes"]["how"]]
    said = stay["left_at"] and [stay["left_at"], stay["how"]]
    require(left == said, "not as told: " + place)


def parse_drawing(content: bytes, name: str) -> Any:
    """The root of a drawing that is shapes and words alone; DamagedError for any other file."""
    require(b"<!" not in content, "not a drawing of ours: " + name)
    try:
        root = ET.fromstring(content)  # noqa: S314 - it has no document type
    except ET.ParseError:
        raise DamagedError("not a drawing of ours: " + name) from None
    keys = {key for each in root.iter() for key in each.attrib}
    is_inert = {each.tag for each in root.iter()} <= {SVG + shape for shape in SHAPES}
    is_inert = is_inert and not any("href" in key or key[:2] == "on" for key in keys)
    require(is_inert, "not a drawing of ours: " + name)
    return root


def check_drawings(files: Files) -> int:
    """Each drawing shows the marks that were signed on its frame, and is inert; how many."""
    names = [name for name in files if name.endswith(".svg")]
    for name in names:
        stem, image_id, frame, _ = name.rsplit(".", 3)
        signed = json.loads(files[stem + ".json"])["marks"]
        marks = [it for it in signed if (it["image_id"], str(it["frame"])) == (image_id, frame)]
        root = parse_drawing(files[name], name)
        told = json.loads(root.findtext(SVG + "metadata") or "{}").get("marks")
        drawn = [drawn_of(group) for group in root.findall(SVG + "g")]
        points = [mark["points"] if mark["tool"] in LINES else None for mark in marks]
        wanted = [(mark["id"], found) for mark, found in zip(marks, points)]  # noqa: B905 - 3.9
        require((told, drawn) == (marks, wanted), "not the marks that were signed: " + name)
    return len(names)


def drawn_of(group: Any) -> tuple[str | None, list[list[float]] | None]:
    """Which mark a group draws, and the points of one that is a line."""
    if group.get("class") not in LINES:
        return group.get("id"), None
    steps = str(group[1].get("points")).split()
    return group.get("id"), [[float(part) for part in step.split(",")] for step in steps]


def check(path: str, seal_id: str | None = None) -> dict[str, object]:
    """Check everything; what was found, or DamagedError."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        require(len(set(names)) == len(names), "one name twice")
        files = {name: archive.read(name) for name in names}
    manifest, spki = check_manifest(files, seal_id)
    check_reports(files, manifest, spki)
    check_journal(files, manifest)
    enclosed = sum(each["name"] in files for each in manifest["images"])
    return {
        "case": manifest["case"]["number"],
        "seal": manifest["seal_id"],
        "content": digest(files["manifest.json"]),
        "reports": len(manifest["reports"]),
        "drawings": check_drawings(files),
        "messages": check_discussion(files, manifest),
        "calls": check_calls(files),
        "telephone": check_telephone(files),
        "opinions": check_opinions(files, manifest, spki),
        "journal lines": files["journal.jsonl"].count(b"\n"),
        "images": "%d of %d enclosed" % (enclosed, len(manifest["images"])),
        "cryptography": "yes" if is_signed_by_library(b"", b"", b"") is not None else "no",
    }


def main(arguments: list[str]) -> int:
    """Check one file and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dossier")
    parser.add_argument("--seal-id", help="the number that the consortium publishes")
    options = parser.parse_args(arguments)
    try:
        found = check(options.dossier, options.seal_id)
    except DamagedError as damage:
        print("DAMAGED 不符: %s" % damage)
        return 1
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as trouble:
        print("NOT A DOSSIER 不是完整档案: %s" % type(trouble).__name__)
        return 2
    for name, value in found.items():
        print("%-14s %s" % (name, value))
    print("EVERYTHING FITS 全部相符")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
