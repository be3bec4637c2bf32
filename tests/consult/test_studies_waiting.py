"""What waits for a patient is found by whoever looks for it, however much waits."""

import dataclasses

import pytest

from consult.studies import ingest
from consult.studies.index.model import Indexed
from consult.studies.model import Origin, Uids
from consult.studies.waiting import service as waiting
from server.views import received as views
from tests.makers.cases import make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival


def receive(world: Consortium, number: int, *, name: str = "", accession: str = "") -> str:
    """A study of one object comes in a minute after the one before."""
    made = make_arrival(world, data=bytes([number]), uid=f"2.25.8{number}", origin=Origin.DICOM)
    alphabetic, _, ideographic = name.partition("=")
    told = {
        "00100010": {"Value": [{"Alphabetic": alphabetic, "Ideographic": ideographic}]},
        "00080050": {"Value": [accession]},
    }
    filed = world.clinic.later(minutes=number).system(
        ingest.receive,
        received=dataclasses.replace(
            made.received,
            uids=Uids(f"2.25.7{number}", f"2.25.7{number}.1", f"2.25.8{number}"),
            indexed=Indexed(told, b"packed"),
        ),
        institution_id=world.centre_id,
        way="import",
        source="",
    )
    return filed.instance.study_id


def test_what_waits_is_told_page_by_page(
    world: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_LISTED", 2)
    ids = [receive(world, number) for number in range(3)]
    pages = [world.clinic.do(world.physician, waiting.list_waiting, page=page) for page in (1, 2)]
    assert [[each.id for each in listed] for listed, _ in pages] == [[ids[2], ids[1]], [ids[0]]]
    assert [has_more for _, has_more in pages] == [True, False]


def test_a_case_is_shown_first_what_names_it_or_its_patient_however_long_it_waits(
    world: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_LISTED", 2)
    case = make_draft(world, make_patient(world, name="张桂英"))
    by_number = receive(world, 0, accession=case.number[:16])
    in_chinese = receive(world, 1, name="ZHANG^X=张^桂英")
    in_letters = receive(world, 2, name="Zhang^Guiying")
    others = [receive(world, 3, name="Zhang^Guiyingzi"), receive(world, 4, name="Li^Guiying")]
    monkeypatch.setattr(waiting, "MOST_LISTED", 3)
    page = world.clinic.do(world.physician, views.make_for_case, case_id=case.id, page=1)
    told = [(row.id, row.is_announced, row.is_alike) for row in page.rows]
    assert told == [
        (by_number, True, False),
        (in_letters, False, True),
        (in_chinese, False, True),
        (others[1], False, False),
        (others[0], False, False),
    ]
    assert page.next_page == 2
    second = world.clinic.do(world.physician, views.make_for_case, case_id=case.id, page=2)
    assert (list(second.rows), second.next_page) == ([], None)
