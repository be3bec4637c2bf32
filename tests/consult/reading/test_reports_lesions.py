"""Lesions, forms and phrases on their way through the services, to what is signed."""

from dataclasses import replace
from typing import Any

import pytest

from consult.cases.model import Case, ServiceType
from consult.cases.oversight_store import Filter
from consult.dossiers.image_quality import CAUSE, count_quality
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.reports import service as reports
from consult.reports import service_amend, service_check, service_sign
from consult.reports.body import body_as_json
from consult.reports.forms import RequiredPart
from consult.reports.model import Quality, QualityCause, ReferralNeed, ReportBody
from consult.reports.phrases import service as phrases
from consult.reports.phrases.errors import PhraseChangedError
from consult.reports.phrases.model import MOST_PHRASES
from consult.reports.seal import Seal
from consult.reports.sections import SectionSaid
from consult.reports.verify import broken_parts, content_of
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.lesions import only, ticked
from tests.makers.readings import graded, ungradable
from tests.makers.reports import (
    amend,
    full_body,
    make_read_case,
    prepare,
    problems_of,
    report_rules,
    show,
    sign,
    write,
)

DIAGNOSIS = report_rules(ServiceType.REMOTE_DIAGNOSIS)


def lesioned(**changes: Any) -> ReportBody:
    """The left eye's grade comes from what was ticked there."""
    left = replace(graded(None, None), lesions=ticked("haemorrhage", "hard_exudate", "exudate_1dd"))
    return full_body(left=left, **changes)


def test_the_check_tells_the_computed_grade_and_what_is_not_said(
    world: Consortium, case: Case
) -> None:
    prepare(world, case, by=world.expert)
    left = replace(graded(None, None), lesions=only(["haemorrhage"]))
    told = world.clinic.do(
        world.expert,
        service_check.check_content,
        case_id=case.id,
        content=body_as_json(full_body(left=left)),
        rules=DIAGNOSIS,
    )
    (eye, graded_eye) = next(iter(told.graded.items()))
    icdr = next(grade for grade in graded_eye.grades if grade.scale == "icdr")
    assert (eye.value, icdr.span.low, icdr.span.high) == ("left", "2", "4")
    assert {"nvd", "nve", "irma"} <= set(graded_eye.unsaid)


def test_what_is_signed_says_the_grade_what_it_rests_on_and_by_which_rules(
    world: Consortium, case: Case, seal: Seal
) -> None:
    shown = prepare(world, case, by=world.expert, body=lesioned())
    report = sign(world, case, by=world.expert, shown=shown, seal=seal)
    content: Any = content_of(report)
    left = content["body"]["left"]
    assert (left["icdr"], left["dme"], left["nhs_r"]) == (2, "suspected", "R1")
    assert left["lesions"]["nvd"] == {"said": "absent", "quadrants": []}
    basis = {each["scale"]: each["basis"] for each in content["grades"]["left"]}
    assert set(basis.values()) == {"computed"}
    assert content["grades"]["right"] == []
    assert content["rules"]["grades"] == "lesion_grades 2026.1"
    assert content["schema"] == "lianzhen.report/2"
    assert broken_parts(report, seal=seal) == ()


def test_a_grade_against_the_lesions_is_refused_and_signed_with_its_reason(
    world: Consortium, case: Case
) -> None:
    body = lesioned()
    body = replace(body, left=replace(body.left, icdr=0))
    with pytest.raises(FormRefusedError) as refusal:
        prepare(world, case, by=world.expert, body=body)
    assert problems_of(refusal)["left.icdr"] == "grade-contradicts-lesions"
    argued = replace(body, left=replace(body.left, grade_reason="陈旧性出血"))
    write(world, case, by=world.expert, body=argued, revision=1)
    content: Any = show(world, case, by=world.expert).content
    icdr = next(each for each in content["grades"]["left"] if each["scale"] == "icdr")
    assert (icdr["given"], icdr["low"], icdr["basis"]) == ("0", "2", "override")
    assert content["body"]["left"]["grade_reason"] == "陈旧性出血"


def test_an_amendment_computes_its_grades_anew(world: Consortium, case: Case, seal: Seal) -> None:
    shown = prepare(world, case, by=world.expert, body=lesioned())
    sign(world, case, by=world.expert, shown=shown, seal=seal)
    draft = world.clinic.do(world.expert, service_amend.begin_amendment, case_id=case.id)
    left: Any = draft.content["left"]
    assert (left["icdr"], left["dme"]) == (None, None)
    more = left["lesions"] | {"nvd": {"said": "present", "quadrants": []}}
    urgent = {"referral_need": "urgent", "referral_urgency": "urgent"}
    content = {
        **draft.content,
        **urgent,
        "left": left | {"lesions": more},
        "amendment_reason": "复核",
    }
    world.clinic.do(
        world.expert, reports.save_draft, case_id=case.id, content=content, revision=draft.revision
    )
    amended: Any = show(world, case, by=world.expert).content
    assert amended["body"]["left"]["icdr"] == 4
    changed = {each["field"] for each in amended["amendment"]["changes"]}
    assert {"left.icdr", "left.lesions", "left.nhs_r"} <= changed


def test_a_chest_case_has_the_chest_form_and_says_nothing_of_eyes(
    world: Consortium,
) -> None:
    case = make_read_case(world)
    rules = DIAGNOSIS.for_pictures({"DX"})
    body = replace(full_body(), right=lesioned().right, left=lesioned().left)
    blank = replace(body, right=_blank(), left=_blank(), interval_months=None)
    with pytest.raises(FormRefusedError) as refusal:
        prepare(world, case, by=world.expert, body=blank)
    assert "right.eye_status" in problems_of(refusal)
    with pytest.raises(FormRefusedError) as refusal:
        world.clinic.do(world.expert, service_sign.preview, case_id=case.id, rules=rules)
    assert problems_of(refusal) == dict.fromkeys(
        ("sections.technique", "sections.lungs", "sections.mediastinum", "sections.pleura"),
        "field-missing",
    )
    said = {
        "technique": SectionSaid(("radiograph_pa",), ""),
        "lungs": SectionSaid(("nodule",), "右上肺 6 mm"),
        "mediastinum": SectionSaid(("none_seen",), ""),
        "pleura": SectionSaid((), "未见积液"),
    }
    write(world, case, by=world.expert, body=replace(blank, sections=said), revision=1)
    shown = world.clinic.do(world.expert, service_sign.preview, case_id=case.id, rules=rules)
    content: Any = shown.content
    assert (content["outcome"], content["title"]["en"]) == (None, "Remote chest imaging report")
    assert content["sections"][1] == {
        "code": "lungs",
        "zh": "双肺",
        "en": "Lungs",
        "codes": [{"code": "nodule", "zh": "结节", "en": "Nodule"}],
        "text": "右上肺 6 mm",
    }
    unknown = {"sections.moon": "field-unknown", "sections.lungs": "field-not-a-choice"}
    for revision, changed, problems in (
        (2, {"moon": SectionSaid((), "x"), "lungs": SectionSaid(("crater",), "")}, unknown),
        (
            3,
            {"lungs": SectionSaid(("none_seen", "nodule"), "")},
            {"sections.lungs": "section-contradicts"},
        ),
    ):
        wrong = replace(blank, sections={**said, **changed})
        write(world, case, by=world.expert, body=wrong, revision=revision)
        with pytest.raises(FormRefusedError) as refusal:
            world.clinic.do(world.expert, service_sign.preview, case_id=case.id, rules=rules)
        assert problems_of(refusal) == problems


def _blank() -> Any:
    return replace(graded(None, None, findings=""), eye_status=None, quality=None)


def test_phrases_are_their_owners_bounded_and_journalled(world: Consortium) -> None:
    do, by = world.clinic.do, world.expert
    kept = do(by, phrases.keep_phrase, part=RequiredPart.ADVICE, text=" 建议 3 个月复查。 ")
    assert do(by, phrases.keep_phrase, part=RequiredPart.ADVICE, text="建议 3 个月复查。") == kept
    changed = do(by, phrases.change_phrase, phrase_id=kept.id, text="建议半年复查。", revision=1)
    with pytest.raises(PhraseChangedError):
        do(by, phrases.change_phrase, phrase_id=kept.id, text="x", revision=1)
    assert [each.text for each in do(by, phrases.list_phrases)] == ["建议半年复查。"]
    assert do(world.leader, phrases.list_phrases) == []
    for step, more in (
        (phrases.change_phrase, {"text": "x", "revision": changed.revision}),
        (phrases.remove_phrase, {}),
    ):
        with pytest.raises(NotFoundError):
            do(world.leader, step, phrase_id=kept.id, **more)
    for part, text in (
        (RequiredPart.ADVICE, " "),
        (RequiredPart.ADVICE, "长" * 501),
        (RequiredPart.DIAGNOSES, "H36.0"),
    ):
        with pytest.raises(RefusedError):
            do(by, phrases.keep_phrase, part=part, text=text)
    do(by, phrases.remove_phrase, phrase_id=kept.id)
    assert do(by, phrases.list_phrases) == []
    written = [line for line in world.clinic.lines() if line.kind.startswith("phrase.")]
    assert [line.kind for line in written] == ["phrase.kept", "phrase.changed", "phrase.removed"]
    assert not any("复查" in str(line.codes) for line in written)


def test_no_more_than_a_hundred_phrases_are_kept(
    world: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_PHRASES == 100
    monkeypatch.setattr(phrases, "MOST_PHRASES", 2)
    for number in range(2):
        world.clinic.do(
            world.expert, phrases.keep_phrase, part=RequiredPart.LIMITS, text=f"{number}"
        )
    with pytest.raises(RefusedError) as refusal:
        world.clinic.do(world.expert, phrases.keep_phrase, part=RequiredPart.LIMITS, text="3")
    assert refusal.value.code == "too-many-phrases"


def test_ungradable_eyes_by_site_and_photographer_equal_a_hand_count(
    world: Consortium, seal: Seal
) -> None:
    dark = ungradable(QualityCause.MEDIA_OPACITY)
    needs = {"referral_need": ReferralNeed.REFER, "interval_months": None}
    signed = []
    for sequence, eyes in ((301, {}), (303, {"right": dark}), (305, {"right": dark, "left": dark})):
        case = make_read_case(world, document_number=citizen_number(sequence))
        shown = prepare(world, case, by=world.expert, body=full_body(**eyes, **needs))
        signed.append(sign(world, case, by=world.expert, shown=shown, seal=seal))
    amend(world, signed[-1], seal=seal, right=dark, **needs)

    found = world.clinic.do(world.physician, count_quality, wanted=Filter(), zone="Asia/Shanghai")

    # by hand: three cases of two eyes; one cannot be read in the second, one in the amended third
    ((key, counts),) = found.rows
    assert counts == {"eyes": 6, Quality.GOOD: 4, Quality.UNGRADABLE: 2,
                      f"{CAUSE}media_opacity": 2}  # fmt: skip
    assert (key.institution_id, found.total) == (world.centre_id, counts)
    assert key.photographer_id is not None
    assert key.month == f"{world.clinic.now:%Y-%m}"
