"""Every real file of the manifest through the real upload door, with the manifest's verdict."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.makers.image_house import ImageHouse, Sender, open_image_house, until

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
_AT_ONCE = 4
# Its pages hold fractions, which no photograph carries (decision 0160).
_FRACTIONS = "multipage_rgb.tif"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("real") / "house") as opened:
        yield opened


async def test_every_file_gets_the_verdict_of_the_manifest(
    house: ImageHouse, real_files: Path
) -> None:
    manifest = json.loads((real_files / "manifest.json").read_text("utf-8"))
    waiting = [each for each in manifest["files"] if "verdict" in each]
    assert len(waiting) > 150
    case, judged, sentences = house.draft(), 0, set()
    async with Sender(house.house.base, language="en") as sender:
        await sender.arrive()
        # Many public files are one object in several codings, and one case keeps only the first:
        # each round ends with an empty case, and takes those that collided before.
        while waiting:
            answers = await _judge_all(sender, case.id, real_files, waiting)
            collided = [each for each, found in answers if found["verdict"] == "conflict"]
            for each, found in answers:
                if each not in collided:
                    assert found["verdict"] == _wanted(each), (each["file"], found)
                    sentences |= _sentence_of_refusal(found)
                    judged += 1
            assert len(collided) < len(waiting)
            await _empty(sender, case.id)
            waiting = collided
    assert judged == len([each for each in manifest["files"] if "verdict" in each])
    assert len(sentences) > 5
    # nothing of a removed image stays on the disk
    await until(lambda: not (house.blobs() or house.spooled()), seconds=20)


async def _judge_all(
    sender: Sender, case_id: str, folder: Path, files: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def judge(each: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        async with gate:
            data = (folder / each["file"]).read_bytes()
            answer = await sender.upload(case_id, data, Path(each["file"]).name)
            return each, answer["files"][0]

    return list(await asyncio.gather(*(judge(each) for each in files)))


def _wanted(each: dict[str, Any]) -> str:
    return "rejected" if each["file"].endswith(_FRACTIONS) else str(each["verdict"])


def _sentence_of_refusal(found: dict[str, Any]) -> set[str]:
    if found["verdict"] != "rejected":
        return set()
    assert found["image_id"] is None
    assert found["sentence"]
    assert "…" not in found["sentence"]
    return {found["sentence"]}


async def _empty(sender: Sender, case_id: str) -> None:
    """Take every image out of the draft: nothing rests on it."""
    shown = await sender.images(case_id)
    ids = [image["id"] for image in shown["images"]]
    status, after = await sender.send(f"/api/cases/{case_id}/images/remove", {"image_ids": ids})
    assert status == 200, after
    assert (after["images"], after["conflicts"], after["questions"]) == ([], [], [])
