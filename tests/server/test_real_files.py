"""Every real file of the manifest through the real upload door, with the manifest's verdict."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.makers.image_house import ImageHouse, Sender, open_image_house

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]
_AT_ONCE = 4
_UPLOAD_WORDS = {
    "accepted": "accepted",
    "accepted-without-picture": "accepted-without-picture",
    "rejected": "rejected",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("real") / "house") as opened:
        yield opened


def listed(real_files: Path) -> list[dict[str, Any]]:
    manifest = json.loads((real_files / "manifest.json").read_text("utf-8"))
    return [each for each in manifest["files"] if "verdict" in each]


async def test_every_file_gets_the_verdict_of_the_manifest(
    house: ImageHouse, real_files: Path
) -> None:
    files = listed(real_files)
    case = house.draft()
    gate = asyncio.Semaphore(_AT_ONCE)
    async with Sender(house.house.base, language="en") as sender:
        await sender.arrive()

        async def judge(each: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
            async with gate:
                data = (real_files / each["file"]).read_bytes()
                answer = await sender.upload(case.id, data, Path(each["file"]).name)
                return each["file"], each["verdict"], answer["files"][0]

        judged = await asyncio.gather(*(judge(each) for each in files))
        shown = await sender.images(case.id)
    wrong = [
        (name, wanted, found)
        for name, wanted, found in judged
        if found["verdict"] != _UPLOAD_WORDS[wanted] and not _is_known_twin(found)
    ]
    assert wrong == []
    assert len(judged) > 150
    refused = [found for _, wanted, found in judged if wanted == "rejected"]
    assert all(found["sentence"] and "…" not in found["sentence"] for found in refused)
    assert len({found["sentence"] for found in refused}) > 5
    assert all(found["instance_id"] is None for found in refused)
    stored = {found["instance_id"] for _, wanted, found in judged if found["instance_id"]}
    assert stored == {image["id"] for image in shown["images"]}
    assert house.spooled() == []


def _is_known_twin(found: dict[str, Any]) -> bool:
    """Some public files carry one SOP Instance UID in several codings: a conflict, by rule."""
    return bool(found["verdict"] == "conflict")
