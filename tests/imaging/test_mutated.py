"""What the campaign of mutants found: a fault of a reader costs no object its look."""

import io
from pathlib import Path

import pytest
from pydicom import dcmread

from imaging.errors import JailRefusedError
from imaging.lenient import FAULTS, panics_as_faults
from tests.makers.hostile import description, element, identity, part10
from tests.makers.jails import RunningJail, files


def test_an_empty_element_of_an_unknown_representation_is_described(jail: RunningJail) -> None:
    odd = element(0x0009, 0x1001, "ZZ", b"")
    pixels = element(0x7FE0, 0x0010, "OW", bytes(16))
    with files(part10(_with(odd) + description() + pixels), b"", b"", b"") as (
        given,
        *outputs,
    ):
        told = jail.client.run_blocking("receive", {}, inputs=[given], outputs=outputs)
    assert told["verdict"] == "accepted"
    assert told["index"]["00100010"]["Value"]


def test_a_decoder_that_panics_is_a_decoder_that_cannot(
    jail: RunningJail, real_files: Path
) -> None:
    made = dcmread(real_files / "dicom" / "rle" / "CT0012.not_fragmented_bot_rle.dcm")
    made.Columns = 2  # of 512: one decoder steps over the end of what it has
    written = io.BytesIO()
    made.save_as(written)
    with files(written.getvalue(), b"", b"", b"") as (given, *outputs):
        jail.client.run_blocking("receive", {}, inputs=[given], outputs=outputs)
        jail.client.run_blocking("compare", {}, inputs=[given])
        with pytest.raises(JailRefusedError, match="no-picture"):  # by the first decoder alone
            jail.client.run_blocking("transcode", {}, inputs=[given], outputs=outputs[:1])


def test_only_a_rust_librarys_panic_is_made_a_fault() -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    with pytest.raises(FAULTS), panics_as_faults():
        raise panic
    with pytest.raises(KeyboardInterrupt), panics_as_faults():
        raise KeyboardInterrupt


def _with(odd: bytes) -> bytes:
    """The elements that file an object, with another one in its place among them."""
    whole = identity()
    at = whole.index(element(0x0010, 0x0010, "PN", b"Wang^Fang"))
    return whole[:at] + odd + whole[at:]
