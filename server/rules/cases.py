"""Reading what config/ says about patients and cases."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consult.cases.consent_rules import parse_consent_rules
from consult.cases.forms import parse_form
from consult.cases.model import ServiceType
from consult.cases.promise import parse_promise_rules
from consult.cases.protocol import parse_protocol
from consult.cases.recognition.model import Book, parse_recognition_rules
from consult.cases.returns.model import parse_return_rules
from consult.cases.rules import CaseRules, parse_case_protocols
from consult.cases.urgency import parse_urgency_rules
from consult.cases.working_days import WorkingDays, join_calendars, parse_working_calendar
from consult.kernel.rules import MalformedRulesError
from consult.people.patients.documents import parse_document_rules
from consult.people.patients.model import parse_registration_rules
from consult.people.patients.registration import PatientRules
from consult.people.routing.model import parse_routing_rules
from consult.reports.gradings import readings_of
from consult.reports.recalls.planning import end_by_case


def load_patient_rules(folder: Path) -> PatientRules:
    """The rules of registration."""
    return PatientRules(
        documents=parse_document_rules(_read(folder / "identity_documents.toml")),
        registration=parse_registration_rules(_read(folder / "patients.toml")),
    )


def load_case_rules(folder: Path) -> CaseRules:
    """The forms and rules of cases; a service type without a form is refused."""
    forms = [parse_form(_read(path)) for path in sorted((folder / "service_types").glob("*.toml"))]
    by_type = {form.service_type: form for form in forms}
    if set(by_type) != set(ServiceType) or len(forms) != len(by_type):
        raise MalformedRulesError("service_types", "must hold one form for each service type")
    protocols = [
        parse_protocol(_read(path))
        for path in sorted((folder / "capture_protocols").glob("*.toml"))
    ]
    return CaseRules(
        forms=MappingProxyType(by_type),
        protocols=parse_case_protocols(
            _read(folder / "case_protocols.toml"), known={each.name: each for each in protocols}
        ),
        urgency=parse_urgency_rules(_read(folder / "urgency_rules.toml")),
        promises=parse_promise_rules(_read(folder / "promises.toml")),
        days=_load_days(folder / "working_days"),
        consent=parse_consent_rules(_read(folder / "consent.toml")),
        returns=parse_return_rules(_read(folder / "returns.toml")),
        ends_recall=end_by_case,
        recognition=Book(
            parse_recognition_rules(_read(folder / "recognition.toml")), readings_of=readings_of
        ),
        routing=parse_routing_rules(_read(folder / "routing.toml")),
    )


def _load_days(folder: Path) -> WorkingDays:
    """Every calendar of working days that is there."""
    return join_calendars(
        parse_working_calendar(_read(path)) for path in sorted(folder.glob("*.toml"))
    )


def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
