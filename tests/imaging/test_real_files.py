"""Every real file gets the verdict that the data's manifest gives it, in a real jail."""

import io
import json
from pathlib import Path

from PIL import Image

from imaging.errors import JailRefusedError
from tests.makers.jails import RunningJail

# Pages are taken one by one, and those of this file hold fractions (decision 0160).
FRACTIONS = "image/other-raster-format/multipage_rgb.tif"
REASONS = {
    "no study or series UID": {"no-study-or-series-uid"},
    "a directory, not an instance": {"directory"},
    "no SOP class, SOP instance or transfer syntax": {"no-sop-class"},
    "cut short": {"cut-short"},
    # One such file starts with a stray byte, and is then no DICOM by any sign.
    "no DICOM file meta": {"no-file-meta", "not-an-image"},
    "no transfer syntax": {"no-transfer-syntax"},
    "no SOP class": {"no-sop-class"},
    "no DICOM prefix": {"no-dicom-prefix"},
    "damaged picture": {"damaged-picture"},
    "neither DICOM nor a picture": {"not-an-image", "gzip-not-taken"},
}


def listed(real_files: Path) -> list[dict]:
    manifest = json.loads((real_files / "manifest.json").read_text())
    return [entry for entry in manifest["files"] if "verdict" in entry]


def verdict_of(jail: RunningJail, data: bytes, filename: str) -> tuple[str, str | None]:
    """The jail's verdict and, for a refusal, its reason."""
    try:
        return jail.inspect(data, filename=filename)["verdict"], None
    except JailRefusedError as refused:
        return "rejected", refused.reason


def test_every_real_file_gets_its_verdict(real_files: Path, jail: RunningJail) -> None:
    wrong = {}
    for entry in listed(real_files):
        path = real_files / entry["file"]
        verdict, reason = verdict_of(jail, path.read_bytes(), path.name)
        if entry["file"] == FRACTIONS:
            assert reason == "tiff-pages"
            continue
        allowed = REASONS.get(entry.get("verdict_reason", ""), {None})
        if verdict != entry["verdict"] or reason not in allowed:
            wrong[entry["file"]] = (verdict, reason, entry["verdict"])
    assert wrong == {}


def test_facts_of_real_files_are_those_of_the_manifest(real_files: Path, jail: RunningJail) -> None:
    compared = 0
    for entry in listed(real_files):
        if entry["verdict"] == "rejected" or not entry["file"].startswith("dicom"):
            continue
        facts = jail.inspect((real_files / entry["file"]).read_bytes())["facts"]
        assert facts["sop_class_uid"] == entry["sop_class_uid"], entry["file"]
        assert facts["transfer_syntax_uid"] == entry["transfer_syntax"], entry["file"]
        assert facts["rows"] == entry.get("rows"), entry["file"]
        assert facts["columns"] == entry.get("cols"), entry["file"]
        assert facts["photometric_interpretation"] == entry.get("photometric"), entry["file"]
        assert (facts["patient_id"] or "") == (entry.get("patient_id") or ""), entry["file"]
        compared += 1
    assert compared > 100


def test_names_are_read_in_every_character_set(real_files: Path, jail: RunningJail) -> None:
    read = 0
    for entry in listed(real_files):
        if "expected_patient_name" not in entry:
            continue
        facts = jail.inspect((real_files / entry["file"]).read_bytes())["facts"]
        assert facts["patient_name"] == entry["expected_patient_name"], entry["file"]
        read += 1
    assert read >= 8


def test_previews_are_bounded_and_never_stretched(real_files: Path, jail: RunningJail) -> None:
    for name in (
        "image/fundus/retina_left_normal_haggstrom.jpg",
        "image/fundus/HRF_01_h_downscaled.jpg",
        "dicom/implicit-vr-le/CTImage.dcm",
        "dicom/palette-colour/no-pixel-spacing.dcm",
        "dicom/jpeg2000/JPEG2000.dcm",
    ):
        answer = jail.inspect((real_files / name).read_bytes())
        facts = answer["facts"]
        for made, longest in ((answer["preview"], 1024), (answer["thumbnail"], 160)):
            with Image.open(io.BytesIO(made)) as image:
                assert max(image.size) <= longest
                share = facts["columns"] / facts["rows"]
                assert abs(image.width - image.height * share) <= max(1.0, share)


def test_the_disc_and_the_likeness_of_real_fundus_photographs(
    real_files: Path, jail: RunningJail
) -> None:
    eyes = {
        "HRF_01_h_downscaled": "R",
        "HRF_02_h_downscaled": "L",
        "HRF_07_h_downscaled": "R",
        "HRF_10_h_downscaled": "L",
        "HRF_12_h_downscaled": "L",
        "retina_left_normal_haggstrom": "L",
    }
    for name, eye in eyes.items():
        data = (real_files / "image" / "fundus" / f"{name}.jpg").read_bytes()
        facts = jail.inspect(data)["facts"]
        assert facts["fundus"]["is_fundus"]
        seen = [found for found in facts["laterality_proposals"] if found["source"] == "disc"]
        assert [found["value"] for found in seen] == [eye]


def test_a_photograph_that_is_no_fundus_is_taken_and_marked(
    real_files: Path, jail: RunningJail
) -> None:
    for path in sorted((real_files / "image" / "non-fundus-photo").iterdir()):
        answer = jail.inspect(path.read_bytes())
        assert answer["verdict"] == "accepted"
        assert not answer["facts"]["fundus"]["is_fundus"], path.name
        assert answer["facts"]["disc_side"] is None
