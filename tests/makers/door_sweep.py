"""What every door that is read answers to somebody about one case."""

import io
import json
import zipfile

from aiohttp import ClientPayloadError, ClientResponse

from consult.cases.images import service as images
from consult.cases.model import Case
from tests.makers.asking import make_question
from tests.makers.image_house import ImageHouse
from tests.makers.matrix import all_doors
from tests.makers.visitor import Visitor


async def everything(
    house: ImageHouse, reader: Visitor, case: Case, reading_id: str, *, only: str = ""
) -> list[tuple[str, int, str]]:
    """What every door that is read answers to this reader about this case."""
    image = house.clinic.do(house.world.expert, images.list_case_images, case_id=case.id)[0]
    things = _Things(
        {
            "case": case.id,
            "patient": case.patient_id,
            "report": reading_id,
            "reading": reading_id,
            "image": image.id,
            "instance": image.instance.id,
            "study_uid": image.instance.uids.study_instance_uid,
            "series_uid": image.instance.uids.series_instance_uid,
            "sop_uid": image.instance.uids.sop_instance_uid,
            "panel": house.world.panel_id,
            "export_reason": "archive",
        }
    )
    told = []
    for door in all_doors():
        asked = make_question(door, things)
        if door.method != "GET" or asked.is_stream or not door.name.startswith(only):
            continue
        async with reader.raw.get(
            reader.at(asked.path), params=asked.query, allow_redirects=False
        ) as answer:
            told.append((asked.path, answer.status, _text(await _body(answer))))
    return told


async def _body(answer: ClientResponse) -> bytes:
    """All of it; of a photograph, whose bytes are nobody's here, nothing comes."""
    try:
        return await answer.read()
    except ClientPayloadError:
        return b""


def _text(body: bytes) -> str:
    """What it says, without JSON's escapes; of an archive what its files say."""
    if body.startswith((b"{", b"[")):
        return json.dumps(json.loads(body), ensure_ascii=False)
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


class _Things(dict[str, str]):
    """What this case is about; of everything else nothing is there."""

    def __missing__(self, name: str) -> str:
        return "0" * 32
