"""What goes where, when it is tried again, when it is given up: rules, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consult.kernel.ids import CaseId, PatientId, ReportId
from consult.kernel.rules import MalformedRulesError
from consult.reports.destinations import service as destinations
from consult.reports.destinations.model import (
    Destination,
    DestinationForm,
    DispatchWay,
    is_address,
    problems_of,
)
from consult.reports.dispatches import service, store
from consult.reports.dispatches.model import (
    Dispatch,
    DispatchState,
    ObjectState,
    SentObject,
    Tried,
    after_try,
    begun_again,
    parse_dispatch_rules,
)
from consult.reports.objects.model import ObjectKind
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.rulebooks import broken, read_config

RULES = parse_dispatch_rules(read_config("dispatch.toml"))
ONE, TWO = "1" * 32, "2" * 32


def a_destination(world: Consortium) -> Destination:
    form = DestinationForm(
        world.centre_id, "归档", DispatchWay.STOW, url="https://pacs.example.org"
    )
    return world.clinic.system(destinations.add_destination, form=form, most=5)


def a_dispatch(clinic: Clinic, destination_id: str = ONE, *, version: int = 1) -> Dispatch:
    made = Dispatch(
        id=f"{version:032x}",
        destination_id=destination_id,
        case_id=CaseId("c" * 32),
        patient_id=PatientId("d" * 32),
        report_id=ReportId(f"{version:032x}"),
        version=version,
        study_uid="2.25.1",
        objects=(SentObject(ONE, ObjectKind.PAPER), SentObject(TWO, ObjectKind.MEASURED)),
        state=DispatchState.WAITING,
        wanted_at=clinic.now,
        since=clinic.now,
        next_at=clinic.now,
        tries=0,
        failure="",
        settled_at=None,
    )
    if destination_id != ONE:
        clinic.system(lambda work: store.save_dispatch(work.session, made))
    return made


@pytest.mark.parametrize("host", ["pacs..example.org", "a" * 64, "10.1.2.300", "10.1.2.3:104"])
def test_a_host_that_no_name_server_can_be_asked_for_is_refused(host: str) -> None:
    form = DestinationForm(ONE, "归档", DispatchWay.STORE, called="PACS", host=host, port=104)
    assert [(each.field, each.code) for each in problems_of(form)] == [("host", "peer-host")]
    assert problems_of(replace(form, host="fd00::1")) == []


def test_by_tls_nothing_goes_to_whoever_has_just_any_certificate_of_the_authority() -> None:
    form = DestinationForm(
        ONE, "归档", DispatchWay.STORE, called="PACS", host="10.1.2.3", port=104, over_tls=True
    )
    told = [(each.field, each.code) for each in problems_of(form)]
    assert told == [("certificate", "destination-certificate")]
    assert problems_of(replace(form, certificate="pacs.example.org")) == []
    assert problems_of(replace(form, over_tls=False)) == []


def sent(instance_id: str, kind: ObjectKind = ObjectKind.PAPER) -> dict[str, SentObject]:
    return {instance_id: SentObject(instance_id, kind, ObjectState.SENT)}


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://pacs.example.org", True),
        ("https://10.1.2.3:8443/dicom-web", True),
        ("https://[fd00::1]/dicom-web", True),
        ("http://127.0.0.1:8042/dicom-web", True),
        ("http://[::1]:8042/dicom-web", True),
        ("http://10.1.2.3/dicom-web", False),
        ("http://localhost.example.org/", False),
        ("http://127.0.0.1.example.org/", False),
        ("https://user@pacs.example.org", False),
        ("https://pacs.example.org/#a", False),
        ("https://pacs.example.org/ a", False),
        ("https://pacs.exam\nple.org/", False),
        ("https://pa cs.example.org/", False),
        ("https://evil.org\\@pacs.example.org/", False),
        ("https://pacs.example.org:99999", False),
        ("https://", False),
        ("ftp://pacs.example.org", False),
        ("https://例子.org/", False),
        ("https://pacs.example.org/" + "a" * 400, False),
        ("https://pacs.example.org.:8443", True),
        ("https://pacs_1/", True),
        ("https://pacs..example.org/", False),
        (f"https://{'a' * 64}.example.org/", False),
        ("https://256.256.256.256/", False),
        ("https://[::1]pacs/", False),
        ("https://-pacs/", False),
    ],
)
def test_only_a_service_by_tls_or_on_this_very_machine_is_an_address(url: str, may: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_address(url) is may


def test_what_has_arrived_stays_so_and_the_rest_waits_longer_each_time(clinic: Clinic) -> None:
    dispatch, now = a_dispatch(clinic), clinic.now
    waits = []
    for number in range(8):
        tried = Tried(sent(ONE) if number == 0 else {}, "peer-gone")
        dispatch = after_try(dispatch, tried, now=now, rules=RULES)
        waits.append(dispatch.next_at - now)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (RULES.waits[0], RULES.waits[-1])
    assert [each.instance_id for each in dispatch.waiting] == [TWO]
    assert dispatch.state is DispatchState.WAITING


def test_a_destination_that_nobody_reached_is_not_the_objects_fault(clinic: Clinic) -> None:
    dispatch = a_dispatch(clinic)
    tried = Tried({}, "peer-absent", was_reached=False)
    after = after_try(dispatch, tried, now=clinic.now, rules=RULES)
    assert (after.tries, after.next_at) == (0, dispatch.next_at)


def test_after_days_it_is_given_up_and_begins_anew_when_somebody_says_so(clinic: Clinic) -> None:
    dispatch, tried = a_dispatch(clinic), Tried(sent(ONE), "peer-gone")
    late = clinic.now + RULES.give_up_after
    before = after_try(dispatch, tried, now=late - timedelta(seconds=1), rules=RULES)
    assert before.state is DispatchState.WAITING
    after = after_try(dispatch, tried, now=late, rules=RULES)
    assert (after.state, after.settled_at) == (DispatchState.GIVEN_UP, late)
    again = begun_again(after, now=late)
    assert (again.state, again.since, again.tries) == (DispatchState.WAITING, late, 0)
    assert [each.state for each in again.objects] == [ObjectState.SENT, ObjectState.WAITING]


def test_a_later_version_waits_for_the_earlier_one_of_its_case(world: Consortium) -> None:
    destination = a_destination(world)
    first = a_dispatch(world.clinic, destination.id)
    a_dispatch(world.clinic, destination.id, version=2)

    def next_version(clinic: Clinic) -> int | None:
        found = clinic.system(service.find_next, destination_id=destination.id)
        return None if found is None else found[1].version

    assert next_version(world.clinic) == 1
    world.clinic.system(
        service.note_try, dispatch_id=first.id, tried=Tried({}, "peer-gone"), rules=RULES
    )
    assert next_version(world.clinic) is None
    later = world.clinic.later(seconds=RULES.waits[0].total_seconds())
    assert next_version(later) == 1
    both = {**sent(ONE), **sent(TWO)}
    later.system(service.note_try, dispatch_id=first.id, tried=Tried(both), rules=RULES)
    assert next_version(later) == 2


def test_a_destination_rests_after_nobody_was_reached_and_is_well_after_an_answer(
    world: Consortium,
) -> None:
    destination, clinic = a_destination(world), world.clinic
    dispatch = a_dispatch(clinic, destination.id)
    away = Tried({}, "peer-absent", was_reached=False)
    clinic.system(service.note_try, dispatch_id=dispatch.id, tried=away, rules=RULES)
    assert clinic.system(service.list_due, without=(), limit=4) == []
    later = clinic.later(seconds=RULES.waits[0].total_seconds())
    assert later.system(service.list_due, without=(), limit=4) == [destination.id]
    assert later.system(service.list_due, without={destination.id}, limit=4) == []
    both = Tried({**sent(ONE), **sent(TWO)})
    later.system(service.note_try, dispatch_id=dispatch.id, tried=both, rules=RULES)
    line = later.system(destinations.get_destination, destination_id=destination.id).line
    assert (line.tries, line.failing_since, line.sent_at) == (0, None, later.now)
    assert later.system(service.list_due, without=(), limit=4) == []


def test_what_waits_for_hours_goes_at_once_when_the_line_works_again(world: Consortium) -> None:
    destination, clinic = a_destination(world), world.clinic
    dispatch = a_dispatch(clinic, destination.id)
    broken_off = Tried({}, "peer-gone")
    clinic.system(service.note_try, dispatch_id=dispatch.id, tried=broken_off, rules=RULES)
    assert clinic.system(service.list_due, without=(), limit=4) == []
    for works, due in ((False, []), (True, [destination.id])):
        clinic.system(
            service.note_line_tried,
            destination_id=destination.id,
            outcome="works" if works else "peer-gone",
            works=works,
        )
        assert clinic.system(service.list_due, without=(), limit=4) == due


def test_nobody_is_called_for_a_version_that_waits_behind_another(world: Consortium) -> None:
    destination, clinic = a_destination(world), world.clinic
    first = a_dispatch(clinic, destination.id)
    a_dispatch(clinic, destination.id, version=2)
    assert clinic.system(service.list_due, without=(), limit=4) == [destination.id]
    clinic.system(service.note_try, dispatch_id=first.id, tried=Tried({}, "peer-gone"), rules=RULES)
    assert clinic.system(service.list_due, without=(), limit=4) == []


def test_every_destination_has_its_turn_however_much_waits_for_another(world: Consortium) -> None:
    clinic = world.clinic
    ids = sorted(a_destination(world).id for _ in range(3))
    for version, each in enumerate(ids, 1):
        a_dispatch(clinic, each, version=version)
    turns, last = [], ""
    for _ in range(4):
        (last,) = clinic.system(service.list_due, without=(), limit=1, after=last)
        turns.append(last)
    assert turns == [*ids, ids[0]]


def test_what_arrives_before_the_rest_is_written_down_at_once(world: Consortium) -> None:
    destination, clinic = a_destination(world), world.clinic
    dispatch = a_dispatch(clinic, destination.id)

    def kinds(tried: Tried) -> list[str]:
        before = len(clinic.lines())
        clinic.system(service.note_try, dispatch_id=dispatch.id, tried=tried, rules=RULES)
        return [each.kind for each in clinic.lines()[before:]]

    assert kinds(Tried({}, "peer-gone")) == []
    assert kinds(Tried(sent(ONE), "no-room:A700")) == ["report.sent_in_part"]
    line = clinic.lines()[-1]
    assert (line.codes["arrived"], line.codes["failure"]) == (1, "no-room:A700")
    assert kinds(Tried({}, "no-room:A700")) == []
    assert kinds(Tried(sent(TWO))) == ["report.sent_out"]


def test_what_waits_for_a_removed_destination_has_its_end_and_the_case_says_so(
    world: Consortium,
) -> None:
    destination, clinic = a_destination(world), world.clinic
    dispatch = a_dispatch(clinic, destination.id)
    clinic.system(service.remove_destination, destination_id=destination.id, revision=1)
    after = clinic.system(lambda work: store.find_dispatch(work.session, dispatch.id))
    assert after is not None
    assert (after.state, after.failure) == (DispatchState.GIVEN_UP, "destination-removed")
    assert after.settled_at == clinic.now
    line = clinic.lines()[-1]
    assert (line.kind, line.codes["waiting"]) == ("destination.removed", 1)


def test_what_took_a_version_back_goes_again_behind_the_version_that_comes_late(
    world: Consortium,
) -> None:
    destination, clinic = a_destination(world), world.clinic
    first = a_dispatch(clinic, destination.id)
    second = a_dispatch(clinic, destination.id, version=2)
    both = Tried({**sent(ONE), **sent(TWO)})
    late = clinic.later(seconds=RULES.give_up_after.total_seconds())
    late.system(service.note_try, dispatch_id=first.id, tried=Tried({}, "peer-gone"), rules=RULES)
    late.system(service.note_try, dispatch_id=second.id, tried=both, rules=RULES)

    def versions_in_turn() -> list[int]:
        turns = []
        while (found := late.system(service.find_next, destination_id=destination.id)) is not None:
            assert len(found[1].waiting) == 2
            turns.append(found[1].version)
            late.system(service.note_try, dispatch_id=found[1].id, tried=both, rules=RULES)
        return turns

    assert versions_in_turn() == []
    late.system(service.send_again, destination_id=destination.id, dispatch_id=first.id)
    assert versions_in_turn() == [1, 2]
    kinds = [each.kind for each in late.lines()][-4:]
    assert kinds == ["report.sent_again", "report.sent_again", *["report.sent_out"] * 2]


def test_a_try_that_ends_after_the_destination_was_removed_changes_nothing_there(
    world: Consortium,
) -> None:
    destination, clinic = a_destination(world), world.clinic
    dispatch = a_dispatch(clinic, destination.id)
    clinic.system(service.remove_destination, destination_id=destination.id, revision=1)
    assert clinic.system(service.find_next, destination_id=destination.id) is None
    both = Tried({**sent(ONE), **sent(TWO)})
    clinic.system(service.note_try, dispatch_id=dispatch.id, tried=both, rules=RULES)
    assert clinic.lines()[-1].kind == "report.sent_out"


def test_an_object_that_is_filed_later_makes_the_rest_wait_again(clinic: Clinic) -> None:
    dispatch = a_dispatch(clinic)
    more = replace(dispatch, objects=(*dispatch.objects, SentObject("3" * 32, ObjectKind.SELECTED)))
    both = Tried({**sent(ONE), **sent(TWO)})
    after = after_try(more, both, now=clinic.now, rules=RULES)
    assert (after.state, after.next_at) == (DispatchState.WAITING, clinic.now)


@pytest.mark.parametrize(
    ("place", "value"), [("wait_s", []), ("wait_s", [0]), ("at_once", 0), ("misspelt", 1)]
)
def test_rules_that_say_nonsense_stop_the_start(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_dispatch_rules(broken(read_config("dispatch.toml"), place, value))
