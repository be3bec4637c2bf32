"""Reading what config/ says about the experts' list and their reports."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consult.cases.model import ServiceType
from consult.kernel.rules import MalformedRulesError, RuleTable
from consult.queue.model import QueueLimits
from consult.reports.forms import parse_report_form, parse_titles
from consult.reports.grading import parse_outcome_rules
from consult.reports.versions import ReportRules


def load_queue_limits(folder: Path) -> QueueLimits:
    """How long a taken case is kept for its reader."""
    table = RuleTable(_read(folder / "limits.toml"))
    return QueueLimits(
        lease=timedelta(minutes=table.whole("lease_min", lowest=1)),
        declines_to_escalate=table.whole("declines_to_escalate", lowest=1),
    )


def load_report_rules(folder: Path) -> Mapping[ServiceType, ReportRules]:
    """What a report of each service type must say; a type without a form is refused."""
    forms = [
        parse_report_form(_read(path)) for path in sorted((folder / "report_forms").glob("*.toml"))
    ]
    by_type = {form.service_type: form for form in forms}
    if set(by_type) != set(ServiceType) or len(forms) != len(by_type):
        raise MalformedRulesError("report_forms", "must hold one form for each service type")
    codes = RuleTable(_read(folder / "terms" / "icd10.toml")).table("icd10")
    titles = parse_titles(_read(folder / "titles.toml"))
    outcome = parse_outcome_rules(_read(folder / "grading.toml"))
    diagnoses = MappingProxyType({code: codes.words(code) for code in codes.values})
    return MappingProxyType(
        {
            service: ReportRules(form=form, outcome=outcome, titles=titles, diagnoses=diagnoses)
            for service, form in by_type.items()
        }
    )


def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
