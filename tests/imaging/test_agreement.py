"""Two decoders read one value from what was coded without loss; where they do not, it is told."""

from pathlib import Path

import numpy as np
import pytest

from imaging.agreement import Agreement, judge
from imaging.errors import NoPicture, PictureError
from imaging.frames import Frame
from imaging.lossless import LOSSLESS
from imaging.sequential_jpeg import decode_rows
from tests.imaging.test_real_files import listed
from tests.makers.jails import RunningJail, files
from tests.makers.lossless_jpeg import make_lossless_jpeg


def agreement(jail: RunningJail, data: bytes) -> str:
    with files(data) as (given,):
        return jail.client.run_blocking("compare", {}, inputs=[given])["agreement"]


def test_two_decoders_agree_on_every_real_lossless_file(
    real_files: Path, jail: RunningJail
) -> None:
    said = {}
    for entry in listed(real_files):
        if entry["verdict"] == "accepted" and entry.get("transfer_syntax") in LOSSLESS:
            data = (real_files / entry["file"]).read_bytes()
            said[entry["file"]] = agreement(jail, data)
    assert len(said) > 25
    assert {name for name, each in said.items() if each != "agreed"} <= ALONE
    assert "differ" not in said.values()


# Baseline JPEG under the name of lossless JPEG, which one decoder alone puts up with.
ALONE = {"dicom/ophthalmic/sample-op.dcm"}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (np.zeros((2, 2), np.uint8), Agreement.AGREED),
        (np.array([[0, 0], [0, 1]], np.uint8), Agreement.DIFFER),
        (np.zeros((2, 3), np.uint8), Agreement.DIFFER),
        (None, Agreement.ALONE),
    ],
    ids=["the same", "one value", "another size", "nobody else"],
)
def test_one_differing_value_is_a_difference(second: np.ndarray | None, said: Agreement) -> None:
    readings = [Frame(np.zeros((2, 2), np.uint8), "MONOCHROME2", 8)]
    if second is not None:
        readings.append(Frame(second, "MONOCHROME2", 8))
    assert judge(readings) is said


def test_a_decoder_that_fails_is_no_second_opinion() -> None:
    def readings():  # noqa: ANN202 - a generator that breaks off
        yield Frame(np.zeros((2, 2), np.uint8), "MONOCHROME2", 8)
        raise PictureError(NoPicture.UNDECODABLE)

    assert judge(readings()) is Agreement.ALONE


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("predictor", range(1, 8))
def test_our_decoder_reads_every_predictor(predictor: int, kind: type) -> None:
    rng = np.random.default_rng(predictor)
    pixels = rng.integers(0, np.iinfo(kind).max, (24, 31), kind, endpoint=True)
    coded = make_lossless_jpeg(pixels, predictor=predictor)
    assert np.array_equal(decode_rows(coded, most_samples=1 << 20), pixels)
    assert np.array_equal(decode_rows(coded, most_samples=100), pixels[:3])


def test_a_damaged_scan_is_not_read_on() -> None:
    coded = make_lossless_jpeg(np.zeros((40, 40), np.uint8), predictor=1)
    for broken in (
        coded[:-150] + b"\xff\xd9",
        coded.replace(b"\xff\xc3", b"\xff\xc0"),
        b"",
        coded[:9],
    ):
        with pytest.raises(PictureError):
            decode_rows(broken, most_samples=1 << 20)
