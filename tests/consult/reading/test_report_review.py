"""A report is reviewed before it is released, never by its author; changes are told (RPT-03)."""

from dataclasses import replace
from typing import Any

import pytest

from consult.cases import service as cases
from consult.cases import service_end
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus, CaseStepNotAllowedError, Priority
from consult.kernel.errors import NotFoundError
from consult.kernel.faults import Fault
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Actor
from consult.queue import service as queue
from consult.queue.errors import AlreadyReadError, CaseTakenError, NotReviewerError
from consult.reports import service as reports
from consult.reports import service_marks
from consult.reports.audit import Told, check_reports
from consult.reports.changes import changes_in
from consult.reports.errors import NotReportAuthorError
from consult.reports.model import ReferralUrgency
from consult.reports.seal import SystemSeal
from consult.reports.second import readings
from consult.reports.second.review import ReviewRules
from consult.reports.second.rules import is_reviewed, parse_review_rules
from consult.reports.verify import broken_parts, content_of
from consult.reports.versions import Report
from tests.makers.consortium import Consortium
from tests.makers.marks import lesions, mark
from tests.makers.reports import (
    amend,
    at_once,
    claim,
    full_body,
    look_at_all,
    make_read_case,
    queue_limits,
    report_rules,
    retract,
    show,
    sign,
    write,
)
from tests.makers.returns import later
from tests.makers.rulebooks import broken, read_config
from tests.makers.second_readings import (
    content_of_body,
    more_reader,
    normal_body,
    read,
    review_on,
    rules_on,
    urgent_body,
)

_TITLES = ("resident_physician", "assistant_physician")


def test_a_report_that_is_reviewed_waits_and_the_inviting_side_has_nothing(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    written = read(world, case, by=world.expert, seal=seal, review=review_on())

    waiting = _now(world, case)
    assert (waiting.status, waiting.owner_id) == (CaseStatus.REPORT_REVIEW, world.leader.person)
    assert waiting.report_by == case.report_by
    for who in (world.physician, world.expert, world.leader):
        assert world.clinic.do(who, reports.list_reports, case_id=case.id) == []
        with pytest.raises(NotFoundError):
            world.clinic.do(who, reports.get_report, report_id=written.id)
    for who in (world.physician, world.leader):
        assert world.clinic.do(who, readings.list_readings, case_id=case.id) == []
    with pytest.raises(CaseStepNotAllowedError):
        world.clinic.do(
            world.physician,
            service_end.withdraw_case,
            case_id=case.id,
            revision=waiting.revision,
            reason="患者不再需要",
        )


def test_a_reviewer_confirms_and_both_names_stand_in_the_report(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    written = read(world, case, by=world.expert, seal=seal, review=review_on())
    released = _review(world, case, by=world.leader, seal=seal)

    [found] = world.clinic.do(world.physician, reports.list_reports, case_id=case.id)
    content: Any = content_of(found)
    assert (found.id, found.author_id) == (released.id, world.leader.person)
    assert content["review"]["of_sha256"] == written.sha256
    assert content["review"]["changes"] == []
    assert content["review"]["author"]["id"] == world.expert.person
    assert content["review"]["author"]["record_of"] == ["reporting_physician"]
    assert content["author"]["record_of"] == ["reviewing_physician"]
    assert content["body"] == content_of(written)["body"]
    assert broken_parts(found, seal=seal) == ()
    assert _now(world, case).status is CaseStatus.REPORTED
    assert _faults(world, seal) == []


def test_what_a_reviewer_changes_is_signed_as_a_new_version_with_its_differences(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    written = read(world, case, by=world.expert, seal=seal, review=review_on())
    changed = full_body(advice="2 周内到眼底病科就诊", interval_months=1)
    released = _review(world, case, by=world.leader, seal=seal, body=changed)

    told = {each.field: (each.before, each.after) for each in changes_in(content_of(released))}
    assert told == {
        "advice": ("4 周内到眼底病科就诊", "2 周内到眼底病科就诊"),
        "interval_months": (3, 1),
    }
    held = world.clinic.do(world.expert, readings.list_readings, case_id=case.id)
    assert [each.report for each in held] == [written]
    [found] = world.clinic.do(world.physician, reports.list_reports, case_id=case.id)
    assert found.id == released.id

    amended = amend(world, released, seal=seal, advice="1 周内到眼底病科就诊", interval_months=1)
    content: Any = content_of(amended)
    assert [each.field for each in changes_in(content)] == ["advice"]
    assert content["review"]["author"]["id"] == world.expert.person
    assert content["review"]["changes"] == []


def test_its_author_never_reviews_it_and_of_the_panel_only_the_leader_or_a_reviewer(
    world: Consortium, seal: SystemSeal
) -> None:
    plain, third = more_reader(world), more_reader(world, "hu", reviews=True)
    case = make_read_case(world)
    read(world, case, by=third, seal=seal, review=review_on())
    with pytest.raises(AlreadyReadError):
        claim(world, case, by=third)
    with pytest.raises(AlreadyReadError):
        write(world, case, by=third)
    for who in (plain, world.expert):
        with pytest.raises(NotReviewerError):
            claim(world, case, by=who)
    assert claim(world, case, by=world.leader).owner_id == world.leader.person

    led = make_read_case(world, document_number="110101195603080055")
    read(world, led, by=world.leader, seal=seal, review=review_on())
    for who, why in ((world.leader, AlreadyReadError), (plain, NotReviewerError)):
        with pytest.raises(why):
            claim(world, led, by=who)
    released = _review(world, led, by=third, seal=seal)
    assert released.author_id == third.person


def test_of_two_reviewers_at_once_one_has_the_case(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    third = more_reader(world, reviews=True)
    read(world, case, by=world.expert, seal=seal, review=review_on())
    people = iter((world.leader, third))

    tries = at_once(
        2,
        lambda: world.clinic.start(
            next(people), queue.claim_case, case_id=case.id, limits=queue_limits()
        ),
    )

    refused = [each.exception() for each in tries if each.exception() is not None]
    assert [type(each) for each in refused] == [CaseTakenError]


def test_the_authors_marks_go_with_the_report_and_an_older_draft_gives_way(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    claim(world, case, by=world.leader)
    write(world, case, by=world.leader, body=normal_body())
    world.clinic.do(world.leader, queue.release_case, case_id=case.id)
    claim(world, case, by=world.expert)
    image = _image(world, case)
    world.clinic.do(
        world.expert,
        service_marks.save_marks,
        case_id=case.id,
        revision=0,
        told={"marks": [mark(image, "text", label="出血")], "key_images": []},
        lesions=lesions(),
    )
    afterwards = later(world, minutes=5)
    written = read(afterwards, case, by=world.expert, seal=seal, review=review_on())

    released = _review(afterwards, case, by=world.leader, seal=seal)

    old: Any = content_of(written)
    new: Any = content_of(released)
    assert changes_in(new) == []
    assert (old["body"], old["marks"]["sha256"]) == (new["body"], new["marks"]["sha256"])
    assert _faults(afterwards, seal) == []


def test_a_reviewed_report_is_taken_back_by_its_reviewer_and_not_by_its_author(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    third = more_reader(world, reviews=True)
    read(world, case, by=world.expert, seal=seal, review=review_on())
    released = _review(world, case, by=third, seal=seal)
    with pytest.raises(NotReportAuthorError):
        retract(world, released, seal=seal, by=world.expert)
    assert retract(world, released, seal=seal, by=third).version == released.version + 1


def test_what_two_physicians_have_read_is_not_reviewed_as_well(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    both = replace(
        report_rules(case.service_type), second=rules_on(), review=review_on(sample_percent=100)
    )
    for who in (world.expert, world.leader):
        _read_under(world, case, by=who, seal=seal, rules=both)
    assert _now(world, case).status is CaseStatus.REPORTED
    normal = make_read_case(world, document_number="110101195603080039")
    _read_under(world, normal, by=world.expert, seal=seal, rules=both, body=normal_body())
    assert _now(world, normal).status is CaseStatus.REPORT_REVIEW


def test_an_urgent_report_is_released_with_its_authors_signature(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    read(world, case, by=world.expert, seal=seal, body=urgent_body(), review=review_on())
    assert _now(world, case).status is CaseStatus.REPORTED


def test_trainees_high_risk_and_a_share_of_all_others_are_reviewed(
    world: Consortium, case: Case
) -> None:
    calm = _said("chief_physician")
    assert not _is_reviewed(world, case, calm, review_on())
    assert _is_reviewed(world, case, _said("attending_physician"), review_on())
    risky = review_on(outcomes=frozenset({"follow_up"}))
    assert _is_reviewed(world, case, calm, risky)
    assert not _is_reviewed(world, replace(case, priority=Priority.URGENT), calm, risky)
    routine = review_on(referral_urgencies=frozenset({ReferralUrgency.ROUTINE}))
    assert _is_reviewed(world, case, calm, routine)
    assert _is_reviewed(world, case, calm, review_on(sample_percent=100))
    off = review_on(on_for=frozenset(), sample_percent=100)
    assert not _is_reviewed(world, case, _said("attending_physician"), off)


def test_rules_with_an_unknown_title_or_too_large_a_share_are_refused() -> None:
    told = read_config("report_review.toml")
    assert parse_review_rules(told, titles=_TITLES).on_for == frozenset()
    for place, value in (("trainee.titles", ["resident"]), ("sample.percent", 101)):
        with pytest.raises(MalformedRulesError):
            parse_review_rules(broken(told, place, value), titles=_TITLES)


def _review(
    world: Consortium, case: Case, *, by: Actor, seal: SystemSeal, body: Any = None
) -> Report:
    """Take it, find the author's report in the form, look at the pictures, sign."""
    held = claim(world, case, by=by)
    world.clinic.do(by, readings.begin_review, case=held)
    look_at_all(world, case, by=by)
    if body is not None:
        draft = world.clinic.do(by, reports.get_draft, case_id=case.id)
        write(world, case, by=by, body=body, revision=draft.revision)
    shown = show(world, case, by=by)
    rules = replace(report_rules(case.service_type), review=review_on())
    return sign(world, case, by=by, shown=shown, seal=seal, rules=rules)


def _read_under(
    world: Consortium, case: Case, *, by: Actor, seal: SystemSeal, rules: Any, body: Any = None
) -> Report:
    claim(world, case, by=by)
    look_at_all(world, case, by=by)
    write(world, case, by=by, body=body)
    shown = show(world, case, by=by)
    return sign(world, case, by=by, shown=shown, seal=seal, rules=rules)


def _said(title: str) -> dict[str, Any]:
    return content_of_body(full_body()) | {"author": {"title": title}}


def _is_reviewed(
    world: Consortium, case: Case, content: dict[str, Any], rules: ReviewRules
) -> bool:
    return world.clinic.system(is_reviewed, case=case, content=content, rules=rules)


def _now(world: Consortium, case: Case) -> Case:
    return world.clinic.do(world.leader, cases.get_case, case_id=case.id)


def _image(world: Consortium, case: Case) -> str:
    return world.clinic.do(world.expert, images.list_case_images, case_id=case.id)[0].id


def _faults(world: Consortium, seal: SystemSeal) -> list[Fault]:
    told = Told()
    for line in world.clinic.lines():
        told.note(line)

    def check(work: Any) -> list[Fault]:
        found = check_reports(work.session, seal=seal, told=told)
        return [each for each in found if isinstance(each, Fault)]

    return world.clinic.system(check)
