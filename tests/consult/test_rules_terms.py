"""Every code has its words in both languages, and every refusal its sentence."""

import ast
import enum
from pathlib import Path

import pytest

from consult.calendar.model import BookingMode, Half, SlotStatus
from consult.cases.acuity import AcuityNotation, LowVision
from consult.cases.consent_rules import (
    ConsentItem,
    ConsentNeed,
    ConsentScope,
    Signer,
    SigningMethod,
)
from consult.cases.corrections.model import CorrectionKind
from consult.cases.forms import YES_NO_UNKNOWN, NotKnown
from consult.cases.images.model import KeepReason
from consult.cases.model import Accountable, CaseEvent, CaseStatus, Priority, ServiceType
from consult.cases.papers.model import PaperKind
from consult.cases.protocol import FieldCode, NoImageReason
from consult.cases.working_days import PromiseBasis
from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.work import Role
from consult.notices.model import NoticeEvent, WayKind
from consult.people.patients.documents import DocumentKind, Sex
from consult.referrals.calls import CallResult, Spoken
from consult.referrals.copying import CopyField
from consult.referrals.criteria import Meets
from consult.referrals.model import AppointmentStatus, ReferralStatus, RequeueCause, Triage
from consult.referrals.salvage import SalvageOutcome
from consult.reports.alerts.model import AlertContact, AlertPart, AlertState
from consult.reports.destinations.model import DispatchScope, DispatchWay
from consult.reports.dispatches.model import DispatchState
from consult.reports.forms import Author, RequiredPart
from consult.reports.graded import Basis
from consult.reports.grading import OutcomeRank, parse_outcome_rules
from consult.reports.lesion_rules import parse_lesion_rules
from consult.reports.lesions import Quadrant, Said
from consult.reports.model import (
    Dme,
    NhsMaculopathy,
    NhsRetinopathy,
    Quality,
    QualityCause,
    ReferralNeed,
    ReferralUrgency,
    ReportStatus,
    RetractionCause,
    Validity,
)
from consult.reports.recalls.model import RecallState
from consult.reports.tellings.model import RiskSaid, TellingKind, TellingState, TellingWay
from consult.reports.unremarkable import Singly
from consult.storage.model import FaultKind
from consult.studies.quality import QualityFault
from server.sentences import SENTENCES
from tests.makers.rulebooks import CONFIG, config_names, read_config

TERMS: dict[str, dict[str, dict[str, str]]] = {
    group: codes
    for name in config_names("terms")
    for group, codes in read_config(name).items()
    if isinstance(codes, dict)
}

ENUMS: list[tuple[str, type[enum.StrEnum]]] = [
    ("case_status", CaseStatus),
    ("promise_counted", PromiseBasis),
    ("notice_way", WayKind),
    ("notice_event", NoticeEvent),
    ("case_event", CaseEvent),
    ("service_type", ServiceType),
    ("paper_kind", PaperKind),
    ("priority", Priority),
    ("accountable", Accountable),
    ("not_known", NotKnown),
    ("acuity_notation", AcuityNotation),
    ("low_vision", LowVision),
    ("field_code", FieldCode),
    ("no_image_reason", NoImageReason),
    ("keep_reason", KeepReason),
    ("quality_fault", QualityFault),
    ("correction_kind", CorrectionKind),
    ("consent_item", ConsentItem),
    ("consent_signer", Signer),
    ("consent_method", SigningMethod),
    ("consent_scope", ConsentScope),
    ("consent_need", ConsentNeed),
    ("role", Role),
    ("document_kind", DocumentKind),
    ("sex", Sex),
    ("eye", Eye),
    ("eye_status", EyeStatus),
    ("report_status", ReportStatus),
    ("retraction_cause", RetractionCause),
    ("validity", Validity),
    ("quality", Quality),
    ("quality_cause", QualityCause),
    ("dme", Dme),
    ("nhs_r", NhsRetinopathy),
    ("nhs_m", NhsMaculopathy),
    ("lesion_said", Said),
    ("quadrant", Quadrant),
    ("grade_basis", Basis),
    ("referral_need", ReferralNeed),
    ("referral_urgency", ReferralUrgency),
    ("report_part", RequiredPart),
    ("report_author", Author),
    ("outcome_rank", OutcomeRank),
    ("referral_status", ReferralStatus),
    ("appointment_status", AppointmentStatus),
    ("meets", Meets),
    ("slot_status", SlotStatus),
    ("triage", Triage),
    ("copy_field", CopyField),
    ("requeued", RequeueCause),
    ("booking_mode", BookingMode),
    ("half", Half),
    ("call_whom", Spoken),
    ("call_result", CallResult),
    ("salvage_outcome", SalvageOutcome),
    ("singly", Singly),
    ("alert_part", AlertPart),
    ("alert_state", AlertState),
    ("alert_contact", AlertContact),
    ("telling_kind", TellingKind),
    ("telling_state", TellingState),
    ("telling_way", TellingWay),
    ("telling_risk", RiskSaid),
    ("recall_state", RecallState),
    ("fault_kind", FaultKind),
    ("dispatch_way", DispatchWay),
    ("dispatch_scope", DispatchScope),
    ("dispatch_state", DispatchState),
]


@pytest.mark.parametrize(("group", "codes"), ENUMS, ids=[group for group, _ in ENUMS])
def test_every_code_has_words_in_both_languages_and_no_word_is_without_code(
    group: str, codes: type[enum.StrEnum]
) -> None:
    assert list(TERMS[group]) == [code.value for code in codes]


def test_the_codes_that_are_no_enumeration_have_words_too() -> None:
    rules = parse_outcome_rules(read_config("grading.toml"))
    assert list(TERMS["yes_no_unknown"]) == list(YES_NO_UNKNOWN)
    assert set(TERMS["icdr"]) == {str(grade) for grade in rules.icdr}
    assert set(TERMS["outcome_action"]) == set(rules.action.values())
    observed = {f"icdr_{grade}" for grade in rules.icdr} | {f"dme_{dme}" for dme in Dme}
    observed |= set(rules.cause) | {"ungradable", "waived", "not_graded", "not_examined"}
    observed |= set(rules.lesion) | {f"nhs_{grade}" for grade in rules.nhs}
    assert set(TERMS["outcome_reason"]) == observed | {"only_eye"}
    for service in ServiceType:
        assert set(TERMS.get(f"case_status_{service}", {})) <= set(CaseStatus)


def test_no_lesion_and_no_grade_is_untranslated() -> None:
    rules = parse_lesion_rules(read_config("lesion_grades.toml"))
    assert list(TERMS["lesion"]) == [lesion.code for lesion in rules.lesions]
    assert set(TERMS["lesion_part"]) == {lesion.part for lesion in rules.lesions}
    assert set(TERMS["lesion_hint"]) <= set(TERMS["lesion"])
    assert list(TERMS["quadrant_short"]) == list(Quadrant)
    for scale in rules.scales:
        assert set(scale.grades) <= set(TERMS[scale.code]), scale.code
        assert set(scale.grades) == set(TERMS[scale.code]) - {"cannot_tell"}, scale.code
    assert set(parse_outcome_rules(read_config("grading.toml")).lesion) <= set(TERMS["lesion"])


@pytest.mark.parametrize("name", config_names("terms"))
def test_a_term_is_said_in_both_languages_with_chinese_punctuation(name: str) -> None:
    for group, codes in read_config(name).items():
        if not isinstance(codes, dict):
            continue
        for code, words in codes.items():
            where = f"{name} {group}.{code}"
            assert set(words) == {"zh", "en"}, where
            assert not set(words["zh"]) & set(",;:!?"), where
            assert words["en"].isascii(), where


def test_a_group_of_terms_stands_in_one_file() -> None:
    groups = [
        group
        for name in config_names("terms")
        for group, codes in read_config(name).items()
        if isinstance(codes, dict)
    ]
    assert len(groups) == len(set(groups))


def test_a_document_and_a_signature_are_called_the_same_everywhere() -> None:
    documents = read_config("identity_documents.toml")["kind"]
    consent = read_config("consent.toml")
    for group, codes in (
        ("document_kind", documents),
        ("consent_signer", consent["signer"]),
        ("consent_method", consent["method"]),
    ):
        assert {code: entry["words"] for code, entry in codes.items()} == TERMS[group]


OURS = ("people/patients/documents", "people/patients/names", "cases/model", "cases/answers",
        "cases/acuity", "cases/consent", "cases/urgency", "calendar/model", "referrals/model",
        "reports/model", "reports/body", "reports/body_reader", "reports/check",
        "reports/lesion_check")  # fmt: skip
_SAYING = {"FieldProblem", "RefusedError", "_refused", "note", "__init__"}


def codes_said_in(path: Path) -> set[str]:
    """Every code that this module gives to a refusal."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if name in _SAYING:
            found |= {text for text in texts[-1:] if isinstance(text, str)}
    return found


@pytest.mark.parametrize("module", OURS)
def test_every_refusal_has_its_sentence(module: str) -> None:
    codes = codes_said_in(CONFIG.parent / "consult" / f"{module}.py")
    assert codes
    assert codes <= set(SENTENCES)
