"""Metadata are given whole or not at all."""

import json
import zlib

from server.routes.dicomweb.metadata import unpacked


def test_kept_metadata_get_whole_addresses() -> None:
    packed = zlib.compress(b'{"7FE00010":{"BulkDataURI":"bulkdata/7FE00010"}}')
    told = json.loads(unpacked(packed, b'"BulkDataURI":"https://eyes.example/bulkdata/') or "")
    assert told["7FE00010"]["BulkDataURI"] == "https://eyes.example/bulkdata/7FE00010"


def test_metadata_that_swell_beyond_measure_are_none_and_never_half_a_text() -> None:
    swollen = zlib.compress(b'{"00104000":"' + b" " * (64 << 20) + b'"}')
    assert unpacked(swollen, b"") is None
    assert unpacked(zlib.compress(b'{"00104000":""}')[:-6], b"") is None
