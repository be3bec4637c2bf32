"""Every rule file parses, and a broken one names its key."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from consult.cases.consent_rules import (
    parse_consent_rules,
)
from consult.cases.forms import parse_form
from consult.cases.model import ServiceType
from consult.cases.promise import parse_limits, parse_promise_rules
from consult.cases.protocol import parse_protocol
from consult.cases.urgency import parse_urgency_rules
from consult.cases.working_days import parse_working_calendar
from consult.kernel.rules import MalformedRulesError
from consult.people.patients.documents import parse_document_rules
from consult.people.patients.names import parse_name_rules
from consult.referrals.criteria import parse_referral_rules
from consult.reports.forms import parse_report_form, parse_titles
from consult.reports.grading import parse_outcome_rules
from consult.studies.quality import parse_quality_rules
from tests.makers.rulebooks import broken, config_names, read_config

Parser = Callable[[Mapping[str, object]], Any]

FILES: list[tuple[str, Parser]] = [
    ("identity_documents.toml", parse_document_rules),
    ("names.toml", parse_name_rules),
    ("urgency_rules.toml", parse_urgency_rules),
    ("promises.toml", parse_promise_rules),
    ("working_days/china.toml", parse_working_calendar),
    ("limits.toml", parse_limits),
    ("consent.toml", parse_consent_rules),
    ("grading.toml", parse_outcome_rules),
    ("titles.toml", parse_titles),
    ("quality.toml", parse_quality_rules),
    *((name, parse_form) for name in config_names("service_types")),
    *((name, parse_protocol) for name in config_names("capture_protocols")),
    *((name, parse_report_form) for name in config_names("report_forms")),
    *((name, parse_referral_rules) for name in config_names("referral_rules")),
]


@pytest.mark.parametrize(("name", "parse"), FILES, ids=[name for name, _ in FILES])
def test_a_rule_file_says_its_name_version_and_source(name: str, parse: Parser) -> None:
    rules = parse(read_config(name))
    assert rules.name
    assert rules.version
    assert rules.source
    for key in ("name", "version", "source"):
        for value in (None, "", 7):
            with pytest.raises(MalformedRulesError) as refusal:
                parse(broken(read_config(name), key, value))
            assert refusal.value.key == key
    with pytest.raises(MalformedRulesError) as refusal:
        parse(broken(read_config(name), "colour", "blue"))
    assert refusal.value.key == "colour"


FOR_OTHER_PICTURES = {
    *("report_forms/chest_imaging.toml", "report_forms/general_consultation.toml"),
    "report_forms/general_imaging.toml",
}


def test_each_service_type_has_its_forms_and_its_title() -> None:
    for folder, parse in (("service_types", parse_form), ("report_forms", parse_report_form)):
        names = config_names(folder)
        own = {f"{folder}/{service}.toml" for service in ServiceType}
        assert own <= set(names)
        assert set(names) - own == (FOR_OTHER_PICTURES if folder == "report_forms" else set())
        for name in names:
            rules = parse(read_config(name))
            assert name == f"{folder}/{rules.name}.toml"
            assert (name in own) is (rules.name == rules.service_type)


@pytest.mark.parametrize(
    ("name", "parse", "place", "value", "key"),
    [
        ("identity_documents.toml", parse_document_rules, "kind.passport", None, "kind.passport"),
        ("identity_documents.toml", parse_document_rules, "kind.passport.pattern", "(",
         "kind.passport.pattern"),
        ("identity_documents.toml", parse_document_rules, "kind.none.words.en", None,
         "kind.none.words.en"),
        ("names.toml", parse_name_rules, "compound_surnames", ["欧阳", "欧阳"],
         "compound_surnames"),
        ("names.toml", parse_name_rules, "surname_readings.单", 1, "surname_readings.单"),
        ("urgency_rules.toml", parse_urgency_rules, "rule.5", None, "rule"),
        ("urgency_rules.toml", parse_urgency_rules, "rule.0.priority", "soon", "rule.0.priority"),
        ("urgency_rules.toml", parse_urgency_rules, "rule.0.priority", "urgent", "rule"),
        ("urgency_rules.toml", parse_urgency_rules, "rule.1.id", "red-flag-sudden-vision-loss",
         "rule"),
        ("promises.toml", parse_promise_rules, "priority.urgent", None, "priority.urgent"),
        ("promises.toml", parse_promise_rules, "priority.urgent.report_min", 1,
         "priority.urgent.report_min"),
        ("promises.toml", parse_promise_rules, "priority.urgent.counted", "moon",
         "priority.urgent.counted"),
        ("promises.toml", parse_promise_rules, "ladder.leader_percent", 70,
         "ladder.leader_percent"),
        ("promises.toml", parse_promise_rules, "priority.urgent.accept_min", 2.5,
         "priority.urgent.accept_min"),
        ("limits.toml", parse_limits, "lease_min", 0, "lease_min"),
        ("limits.toml", parse_limits, "slot_hold_min", True, "slot_hold_min"),
        ("consent.toml", parse_consent_rules, "item.recording.blocks", "no",
         "item.recording.blocks"),
        ("consent.toml", parse_consent_rules, "signer.agent.needs", ["luck"],
         "signer.agent.needs"),
        ("consent.toml", parse_consent_rules, "method.paper", None, "method.paper"),
        ("grading.toml", parse_outcome_rules, "icdr.4", None, "icdr.4"),
        ("grading.toml", parse_outcome_rules, "dme.present.rank", "later", "dme.present.rank"),
        ("grading.toml", parse_outcome_rules, "only_eye.step.urgent", "follow_up",
         "only_eye.step.urgent"),
        ("grading.toml", parse_outcome_rules, "cause.boredom", {}, "cause.boredom"),
        ("grading.toml", parse_outcome_rules, "least_need.refer", None, "least_need.refer"),
        ("grading.toml", parse_outcome_rules, "least_need.refer", "soon", "least_need.refer"),
        ("grading.toml", parse_outcome_rules, "least_need.urgent", "none", "least_need.urgent"),
        ("grading.toml", parse_outcome_rules, "least_need.never", "none", "least_need.never"),
        ("titles.toml", parse_titles, "service.screening_read", None, "service.screening_read"),
        ("titles.toml", parse_titles, "service.screening_read.authors", [],
         "service.screening_read.authors"),
        ("service_types/screening_read.toml", parse_form, "question_preset", None,
         "question_preset"),
        ("service_types/screening_read.toml", parse_form, "field.0.kind", "guess", "field.0.kind"),
        ("service_types/screening_read.toml", parse_form, "field.1.choices", None,
         "field.1.choices"),
        ("service_types/screening_read.toml", parse_form, "field.1.key", "diabetes", "field"),
        ("service_types/remote_diagnosis.toml", parse_form, "question_key", "weather",
         "question_key"),
        ("capture_protocols/nhs-2-field.toml", parse_protocol, "field.1.code", "macula_centred",
         "field"),
        ("capture_protocols/nhs-2-field.toml", parse_protocol, "field.1.code", "knee",
         "field.1.code"),
        ("report_forms/screening_read.toml", parse_report_form, "required", ["luck"], "required"),
        ("report_forms/screening_read.toml", parse_report_form, "phrase.0.part", "luck",
         "phrase.0.part"),
        ("referral_rules/ada-2017.toml", parse_referral_rules, "icdr.3.within_days", None,
         "icdr.3.within_days"),
        ("referral_rules/ada-2017.toml", parse_referral_rules, "icdr.0.within_days", 5,
         "icdr.0.within_days"),
        ("referral_rules/ico.toml", parse_referral_rules, "icdr.1.follow_up_months", [12, 6],
         "icdr.1.follow_up_months"),
        ("referral_rules/nhs-local.toml", parse_referral_rules, "dme.none", None, "dme.none"),
    ],
)  # fmt: skip
def test_a_broken_copy_is_refused_with_the_key_named(
    name: str, parse: Parser, place: str, value: object, key: str
) -> None:
    with pytest.raises(MalformedRulesError) as refusal:
        parse(broken(read_config(name), place, value))
    assert refusal.value.key == key
    assert key in str(refusal.value)
