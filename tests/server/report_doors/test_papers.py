"""The PDF of a signed report: made after the signature, sealed, handed over with an entry."""

import asyncio
import io
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from consult.cases.model import Case
from tests.makers.image_house import PASSWORD, ImageHouse, until
from tests.makers.signing import sign_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


async def test_the_paper_says_what_was_signed_and_is_sealed_and_journalled(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_by_door(house, case, expert, advice="复查 OCT，患者㼆䶮𠮷")
    pdf = await fetch(house, physician, report)
    _, data = await physician.get(f"/api/reports/{report}")

    told = text_of(pdf)
    for said in said_in(data["content"]):
        assert "".join(said.split()) in told, said
    assert data["sha256"] in told
    assert "请在机构内网凭核验码核验" in told
    assert "不能证明签名人身份" in told
    status = await check(house, pdf)
    assert status.bottom_line
    made = [line for line in house.clinic.lines() if line.object_id == report]
    by_kind = {line.kind: line.codes for line in made}
    assert by_kind["report.paper_made"]["sha256"] == sha256(pdf).hexdigest()
    assert by_kind["report.downloaded"]["sha256"] == sha256(pdf).hexdigest()
    assert await fetch(house, physician, report) == pdf


async def test_one_flipped_byte_breaks_the_seal(
    house: ImageHouse, case: Case, expert: Visitor
) -> None:
    pdf = await fetch(house, expert, await sign_by_door(house, case, expert))
    assert (await check(house, pdf)).bottom_line
    for place in (len(pdf) // 7, len(pdf) // 3, len(pdf) // 2):
        torn = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        assert not await is_whole(house, torn)


async def test_another_language_is_made_when_somebody_asks_and_then_kept(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_by_door(house, case, expert)
    await physician.send("/api/language", {"language": "en"})
    _, page = await physician.page(f"/reports/{report}")
    assert "Make PDF" in page
    status, answer = await physician.get(f"/reports/{report}/paper.pdf")
    assert (status, answer["detail"]) == (409, "The PDF is being made.")

    assert (await physician.send(f"/api/reports/{report}/paper"))[0] == 202
    pdf = await fetch(house, physician, report, language="en")

    assert "Remotefundusimagingdiagnosticreport" in text_of(pdf)
    assert (await check(house, pdf)).bottom_line
    _, page = await physician.page(f"/reports/{report}")
    assert "Download PDF" in page
    assert "WeChat" not in page
    inside = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/116 MicroMessenger/8.0.47"}
    _, in_chat = await physician.page(f"/reports/{report}", headers=inside)
    assert "WeChat does not open PDF files." in in_chat
    assert 'class="paper-running"' in in_chat  # the report itself is read without the PDF
    assert (await physician.get(f"/reports/{report}/paper.pdf?lang=fr"))[0] == 422


async def test_a_character_that_no_face_has_is_named_and_nothing_is_issued(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_by_door(house, case, expert, advice="复查ᠠ")
    await until(lambda: "report.paper_refused" in _kinds(house, report), seconds=180)

    status, answer = await physician.get(f"/reports/{report}/paper.pdf")
    _, page = await physician.page(f"/reports/{report}")

    assert (status, answer["detail"]) == (
        409,
        "无法出具 PDF：本服务器的字体缺少字符 U+1820。",
    )
    assert "U+1820" in page
    assert "复查" in page


async def test_a_stranger_gets_no_paper(house: ImageHouse, case: Case, expert: Visitor) -> None:
    report = await sign_by_door(house, case, expert)
    place = f"/reports/{report}/paper.pdf"
    async with Visitor(house.house.base) as stranger:
        async with stranger.raw.get(place, allow_redirects=False) as answer:
            assert (answer.status, answer.content_type) != (200, "application/pdf")
            assert b"%PDF" not in await answer.read()
        await stranger.sign_in("sun", PASSWORD)
        assert (await stranger.page(place))[0] == 404
        assert (await stranger.send(f"/api/reports/{report}/paper"))[0] == 404


async def test_the_server_says_in_which_face_it_sets(
    house: ImageHouse, case: Case, expert: Visitor
) -> None:
    await sign_by_door(house, case, expert)
    for _ in range(200):
        _, ready = await expert.get("/readyz")
        if ready["typeface"]:
            break
        await asyncio.sleep(0.2)
    assert ready["typeface"] == "Noto Sans CJK SC"
    assert ready["warnings"] == []


def text_of(pdf: bytes) -> str:
    """All letters of a PDF as a reader copies them, without blanks (poppler)."""
    asked = ["pdftotext", "-", "-"]
    told = subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout.decode()
    return "".join(told.split())


def said_in(content: Any) -> Iterator[str]:
    """The words of a signed content that stand on its paper."""
    body = content["body"]
    yield from (content["title"]["zh"], content["sentence"]["zh"], content["signature_line"]["zh"])
    yield from (content["case"]["number"], content["case"]["question"])
    yield from (content["patient"]["name"], content["patient"]["tail"])
    yield from (content["author"]["name"], content["author"]["licence_no"])
    yield from (content["inviting"]["name"], content["invited"]["name"])
    yield from (body["impression"], body["answer"], body["advice"], body["limits"])
    yield from (body[eye]["findings"] for eye in ("right", "left"))
    yield from (f"{each['code']} {each['zh']}" for each in content["diagnoses"])
    yield from content["rules"].values()


async def check(house: ImageHouse, pdf: bytes) -> PdfSignatureStatus:
    """What a reader of PDF finds who trusts this server's certificate (pyHanko)."""
    raw = (house.house.data_dir / "keys" / "seal.crt").read_bytes()
    root = asn1_x509.Certificate.load(pem.unarmor(raw)[2])
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    return await async_validate_pdf_signature(signature, context)


async def is_whole(house: ImageHouse, pdf: bytes) -> bool:
    """Whether the seal holds; a file that cannot be read any more does not."""
    try:
        return bool((await check(house, pdf)).bottom_line)
    except (PdfReadError, SignatureValidationError, ValueError, IndexError):
        return False


async def fetch(
    house: ImageHouse, visitor: Visitor, report: str, *, language: str = "zh-Hans"
) -> bytes:
    """The PDF, once it is made."""
    await until(lambda: _is_made(house, report, language), seconds=180)
    place = f"/reports/{report}/paper.pdf?lang={language}"
    async with visitor.raw.get(place) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        return await answer.read()


def _is_made(house: ImageHouse, report: str, language: str) -> bool:
    return any(
        line.kind == "report.paper_made" and line.codes["language"] == language
        for line in house.clinic.lines()
        if line.object_id == report
    )


def _kinds(house: ImageHouse, report: str) -> list[str]:
    return [line.kind for line in house.clinic.lines() if line.object_id == report]
