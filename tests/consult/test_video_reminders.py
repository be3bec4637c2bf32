"""Reminders of sessions, told once; calendars to take away; addresses that can be taken back."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import timedelta

import pytest

from consult.calendar.video import feeds, reminders, service
from consult.calendar.video.ics import make_calendar
from consult.calendar.video.model import Offer, SessionStatus, VideoSession
from consult.cases import service as cases
from consult.jobs import service as jobs
from consult.kernel.errors import NotFoundError
from consult.people.practitioners import affiliations
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.ics import read_calendar
from tests.makers.reports import make_read_case
from tests.makers.video_sessions import (
    book,
    cancelling,
    free_of,
    moving,
    offer,
    reread,
)

TITLE = "视频会诊；远程，眼科, 眼底病; 第一次\\复查以及其后的每一次随访都在这里"


def booked(world: Consortium) -> VideoSession:
    """The first session of the expert's window."""
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    return book(
        world.clinic, world.physician, case.id, free_of(world.clinic, world.physician, case)[0]
    )


def run_due(clinic: Clinic) -> int:
    """Do the jobs whose time has come; how many told something."""
    told = 0
    for job in clinic.system(jobs.take_jobs, limit=50):
        if job.kind != reminders.REMIND:
            continue
        told += clinic.system(
            reminders.remind,
            session_id=str(job.payload["session"]),
            sequence=int(str(job.payload["sequence"])),
            minutes=int(str(job.payload["minutes"])),
        )
        clinic.system(jobs.finish_job, job_id=job.id)
    return told


def test_both_reminders_come_at_their_time_and_once(world: Consortium) -> None:
    session = booked(world)
    moments = {
        timedelta(days=1, minutes=1): 0,
        timedelta(days=1): 1,
        timedelta(minutes=16): 0,
        timedelta(minutes=15): 1,
        timedelta(minutes=1): 0,
    }
    for before, told in moments.items():
        assert run_due(world.clinic.at(session.starts_at - before)) == told, before
    lines = [line for line in world.clinic.lines() if line.kind == "video_session.reminded"]
    assert [line.codes["minutes"] for line in lines] == [1440, 15]
    assert {line.case_id for line in lines} == {session.case_id}


def test_a_reminder_that_is_done_again_or_twice_at_once_tells_once(world: Consortium) -> None:
    session = booked(world)
    soon = world.clinic.at(session.starts_at - timedelta(minutes=15))
    told = {"session_id": session.id, "sequence": 0, "minutes": 15}
    racers = [soon.start(world.physician, reminders.remind, **told) for _ in range(6)]
    wait(racers, timeout=60)
    assert sum(bool(racer.result()) for racer in racers) == 1
    assert not soon.system(reminders.remind, **told)
    assert [line.kind for line in soon.lines()].count("video_session.reminded") == 1


def test_a_moved_session_is_reminded_of_its_new_time_and_a_cancelled_one_not_at_all(
    world: Consortium,
) -> None:
    session = booked(world)
    later = session.starts_at + timedelta(hours=1)
    free = [each for each in _free(world, session) if each.starts_at == later]
    moved = world.clinic.do(world.physician, service.move_session, **moving(session, free[0]))
    assert run_due(world.clinic.at(session.starts_at - timedelta(minutes=15))) == 1  # a day before
    assert run_due(world.clinic.at(moved.starts_at - timedelta(minutes=15))) == 1
    assert reread(world.clinic, world.physician, moved).reminded == "1:1440 1:15"
    ended = reread(world.clinic, world.physician, moved)
    world.clinic.do(world.physician, service.cancel_session, **cancelling(ended))
    again = {"session_id": moved.id, "sequence": 1, "minutes": 15}
    assert not world.clinic.system(reminders.remind, **again)


def test_a_reminder_whose_session_is_over_by_then_is_left_out(world: Consortium) -> None:
    session = booked(world)
    assert run_due(world.clinic.at(session.ends_at)) == 0


def test_a_calendar_holds_to_the_standard_and_names_nobody(world: Consortium) -> None:
    session = booked(world)
    content = make_calendar([session], title=TITLE, is_feed=False)
    calendar = read_calendar(content)
    assert calendar.method == "PUBLISH"
    (event,) = calendar.events
    assert (event.starts_at, event.ends_at) == (session.starts_at, session.ends_at)
    assert event.summary == f"{TITLE} {session.case_number}"
    assert (event.sequence, event.status) == (0, "CONFIRMED")
    assert event.uid == f"{session.id}@lianzhen"
    for secret in ("张桂英", session.case_id, "陈立民", "李文博"):
        assert secret.encode() not in content


def test_what_was_moved_or_cancelled_counts_on_and_takes_itself_back(world: Consortium) -> None:
    session = booked(world)
    later = _free(world, session)[2]
    moved = world.clinic.do(world.physician, service.move_session, **moving(session, later))
    ended = world.clinic.do(world.physician, service.cancel_session, **cancelling(moved, "改期"))
    file = read_calendar(make_calendar([ended], title=TITLE, is_feed=False))
    assert (file.method, file.events[0].status, file.events[0].sequence) == (
        "CANCEL",
        "CANCELLED",
        2,
    )
    feed = make_calendar([ended, replace(session, id="f" * 32)], title=TITLE, is_feed=True)
    told = read_calendar(feed)
    assert told.method == "PUBLISH"
    assert {event.status for event in told.events} == {"CANCELLED", "CONFIRMED"}
    assert "改期".encode() not in feed
    over = replace(session, status=SessionStatus.OVER)
    assert read_calendar(make_calendar([over], title="", is_feed=False)).method == "PUBLISH"
    assert read_calendar(make_calendar([], title="", is_feed=True)).events == []


@pytest.mark.parametrize("broken", [b"\n", b"END:VEVENT", b"DTSTART:2026", b"BEGIN:VEVENT\r\n"])
def test_the_reader_of_these_tests_refuses_what_is_broken(broken: bytes) -> None:
    good = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n"
    )
    assert read_calendar(good).events == []
    with pytest.raises(AssertionError):
        read_calendar(good[:-15] + broken + good[-15:])


def test_an_address_is_its_persons_alone_and_can_be_replaced_and_taken_back(
    world: Consortium,
) -> None:
    session = booked(world)
    world.clinic.do(world.expert, feeds.make_feed, token_hash="a" * 64)
    owner = world.clinic.system(feeds.owner_of, token_hash="a" * 64)
    month = timedelta(days=31)
    assert owner == world.expert.person
    found = world.clinic.system(service.list_feed, person_id=owner, around=month)
    assert [each.id for each in found] == [session.id]
    world.clinic.do(world.expert, feeds.make_feed, token_hash="b" * 64)
    with pytest.raises(NotFoundError):
        world.clinic.system(feeds.owner_of, token_hash="a" * 64)
    assert world.clinic.do(world.expert, feeds.drop_feed)
    assert not world.clinic.do(world.expert, feeds.drop_feed)
    with pytest.raises(NotFoundError):
        world.clinic.system(feeds.owner_of, token_hash="b" * 64)


def test_whoever_works_nowhere_any_more_has_no_calendar(world: Consortium) -> None:
    world.clinic.do(world.expert, feeds.make_feed, token_hash="c" * 64)
    (place,) = world.clinic.system(affiliations.list_holding, practitioner_id=world.expert.person)
    world.clinic.system(
        affiliations.stop_affiliation, affiliation_id=place.id, revision=place.revision
    )
    with pytest.raises(NotFoundError):
        world.clinic.system(feeds.owner_of, token_hash="c" * 64)


def _free(world: Consortium, session: VideoSession) -> list[Offer]:
    case = world.clinic.do(world.physician, cases.get_case, case_id=session.case_id)
    return free_of(world.clinic, world.physician, case)
