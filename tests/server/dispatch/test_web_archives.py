"""STOW-RS to archives that are slow, refuse, lead elsewhere or break off: visible, and not lost."""

import asyncio
import ssl
from pathlib import Path

import pytest
from aiohttp import web
from pydicom.dataset import Dataset

from consult.reports.destinations.model import DispatchScope, DispatchWay
from consult.reports.dispatches.model import DispatchState, ObjectState
from consult.reports.objects.model import ObjectKind
from tests.makers.certificates import make_authority
from tests.makers.databases import free_port
from tests.makers.sending import SendingHouse
from tests.makers.web_archive import Answer, WebArchive, answered, just, keep, open_archive

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
PDF, SR = "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.88.33"
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
TOKEN = "a-secret.token_of~the+archive/=="


def never(archive: WebArchive, request: web.Request, sent: list[Dataset]) -> web.Response:
    """Break off without an answer."""
    del archive, sent
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (just(401), "http-token:401"),
        (just(404), "http-address:404"),
        (just(413), "http-large:413"),
        (just(500), "http-failed:500"),
        (just(503), "http-busy:503"),
        (just(202), "http-unclear:202"),
        (never, "peer-gone"),
    ],
    ids=["401", "404", "413", "500", "503", "202", "gone"],
)
async def test_what_an_archive_answers_is_told_and_the_report_arrives_when_it_is_mended(
    house: SendingHouse, answer: Answer, failure: str
) -> None:
    async with open_archive(answer) as archive:
        destination = house.send_to(DispatchWay.STOW, url=archive.url)
        await house.sign()
        waiting = await house.until_failed(destination, tries=2)
        assert (waiting.state, waiting.failure) == (DispatchState.WAITING, failure)
        archive.answer = keep
        await house.until_state(destination, DispatchState.SENT)
        assert {str(each.SOPClassUID) for each in archive.kept.values()} == {PDF, SR}
        assert set(archive.paths) == {"/dicom-web/studies"}


async def test_a_redirect_is_followed_nowhere(house: SendingHouse) -> None:
    async with open_archive() as elsewhere:
        async with open_archive(just(307, Location=f"{elsewhere.url}/studies")) as archive:
            destination = house.send_to(DispatchWay.STOW, url=archive.url, token=TOKEN)
            await house.sign()
            waiting = await house.until_failed(destination, tries=2)
        assert waiting.failure == "http-elsewhere:307"
        assert elsewhere.requests == 0


async def test_an_archive_that_never_answers_keeps_only_its_own_courier_busy(
    house: SendingHouse,
) -> None:
    opened = asyncio.Event()

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.set()
        await asyncio.sleep(60)
        writer.close()

    port = free_port()
    silent = await asyncio.start_server(hold, "127.0.0.1", port)
    try:
        async with open_archive() as archive:
            slow = house.send_to(DispatchWay.STOW, url=f"http://127.0.0.1:{port}")
            well = house.send_to(DispatchWay.STOW, url=archive.url)
            await house.sign()
            await house.until_state(well, DispatchState.SENT)
            waiting = await house.until_failed(slow)
            assert (waiting.state, waiting.failure) == (DispatchState.WAITING, "peer-slow")
            assert opened.is_set()
    finally:
        silent.close()


async def test_one_object_is_refused_for_good_and_the_other_arrives(house: SendingHouse) -> None:
    def refuse_reports(
        archive: WebArchive, request: web.Request, sent: list[Dataset]
    ) -> web.Response:
        kept = [each for each in sent if each.SOPClassUID == PDF]
        keep(archive, request, kept)
        refused = [(each, 0x0122) for each in sent if each.SOPClassUID != PDF]
        return answered(stored=kept, failed=refused, status=202)

    async with open_archive(refuse_reports) as archive:
        destination = house.send_to(DispatchWay.STOW, url=archive.url)
        await house.sign()
        (refused,) = await house.until_state(destination, DispatchState.REFUSED)
        told = {each.kind: (each.state, each.code) for each in refused.objects}
        assert told == {
            ObjectKind.PAPER: (ObjectState.SENT, ""),
            ObjectKind.MEASURED: (ObjectState.REFUSED, "class-refused:0122"),
        }
        lines = [
            each.codes["failure"]
            for each in house.images.clinic.lines()
            if each.kind == "report.sending_refused" and each.codes["destination"] == destination.id
        ]
        assert lines == ["class-refused:0122"]
        async with house.browser() as admin:
            _, page = await admin.page(f"/admin/destinations/{destination.id}")
            assert "对方不接收此类对象" in page
            archive.answer = keep
            place = f"/api/admin/destinations/{destination.id}/again"
            assert (await admin.send(place, {"dispatch_id": refused.id}))[0] == 200
        await house.until_state(destination, DispatchState.SENT)
        assert len(archive.kept) == 2


async def test_an_archive_without_room_gets_the_report_later(house: SendingHouse) -> None:
    def full(_archive: WebArchive, _request: web.Request, sent: list[Dataset]) -> web.Response:
        return answered(failed=[(each, 0xA700) for each in sent], status=409)

    async with open_archive(full) as archive:
        destination = house.send_to(DispatchWay.STOW, url=archive.url)
        await house.sign()
        waiting = await house.until_failed(destination, tries=2)
        assert (waiting.state, waiting.failure) == (DispatchState.WAITING, "no-room:A700")
        archive.answer = keep
        await house.until_state(destination, DispatchState.SENT)


async def test_a_private_authority_is_trusted_for_its_service_alone_and_gets_the_token(
    house: SendingHouse, tmp_path: Path
) -> None:
    authority = make_authority(tmp_path / "authority")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(authority.pair.certificate_file, authority.pair.key_file)
    pem = authority.certificate_file.read_text("ascii")
    async with open_archive(tls=tls) as archive:
        known = house.send_to(
            DispatchWay.STOW, url=archive.url, token=TOKEN, authority=pem, name="有证书"
        )
        unknown = house.send_to(DispatchWay.STOW, url=archive.url, token=TOKEN)
        await house.sign()
        await house.until_state(known, DispatchState.SENT)
        waiting = await house.until_failed(unknown)
        assert waiting.failure == "peer-untrusted"
        assert {each["Authorization"] for each in archive.headers} == {f"Bearer {TOKEN}"}
        assert len(archive.headers) == archive.requests == 1
    assert TOKEN not in house.images.house.log()
    assert TOKEN.encode() not in (house.images.house.data_dir / "lianzhen.db").read_bytes()


async def test_only_papers_and_measurements_go_where_only_they_are_wanted(
    house: SendingHouse,
) -> None:
    async with open_archive() as archive:
        destination = house.send_to(
            DispatchWay.STOW, url=archive.url, scope=DispatchScope.DOCUMENTS
        )
        await house.sign_marked()
        (sent,) = await house.until_state(destination, DispatchState.SENT)
        assert {each.kind for each in sent.objects} == {ObjectKind.PAPER, ObjectKind.MEASURED}
        assert len(archive.kept) == 2


async def test_an_amendment_goes_as_a_new_set_and_a_retraction_takes_all_back(
    house: SendingHouse,
) -> None:
    async with open_archive() as archive:
        destination = house.send_to(DispatchWay.STOW, url=archive.url)
        case, report = await house.sign_marked()
        await house.until_state(destination, DispatchState.SENT)
        first = set(archive.kept)
        assert len(first) == 4
        second = await house.amend(case)
        await house.until_state(destination, DispatchState.SENT, number=2)
        amended = set(archive.kept) - first
        assert amended
        await house.retract(case, second)
        await house.until_state(destination, DispatchState.SENT, number=3)
        notes = [
            each
            for uid, each in archive.kept.items()
            if uid not in first | amended and each.SOPClassUID == KEY_OBJECTS
        ]
        assert [each.ConceptNameCodeSequence[0].CodeValue for each in notes] == ["113037"]
        evidence = notes[0].CurrentRequestedProcedureEvidenceSequence[0]
        named = {
            str(one.ReferencedSOPInstanceUID)
            for series in evidence.ReferencedSeriesSequence
            for one in series.ReferencedSOPSequence
        }
        assert named == first | amended
        versions = [each.version for each in house.dispatches(destination)]
        assert versions == [1, 2, 3]
        assert report


async def test_a_report_on_studies_of_another_institution_goes_nowhere(
    house: SendingHouse,
) -> None:
    async with open_archive() as archive:
        foreign = house.send_to(
            DispatchWay.STOW,
            url=archive.url,
            institution_id=str(house.images.world.lead_id),
        )
        paused = house.send_to(DispatchWay.STOW, url=archive.url, is_on=False)
        own = house.send_to(DispatchWay.STOW, url=archive.url)
        await house.sign()
        await house.until_state(own, DispatchState.SENT)
        assert house.dispatches(foreign) == []
        assert house.dispatches(paused) == []
        assert archive.requests == 1
