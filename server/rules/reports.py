"""Reading what config/ says about the experts' list and their reports."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consult.cases.model import ServiceType
from consult.kernel.rules import MalformedRulesError, RuleTable
from consult.queue.model import QueueLimits, RowRules
from consult.reports.after_rules import AfterRules
from consult.reports.alerts.model import parse_alert_rules
from consult.reports.forms import ReportForm, parse_report_form, parse_titles
from consult.reports.grading import parse_outcome_rules
from consult.reports.lesion_rules import parse_lesion_rules
from consult.reports.own.rules import parse_own_rules
from consult.reports.recalls.model import parse_recall_rules
from consult.reports.second.rules import parse_review_rules, parse_second_rules
from consult.reports.tellings.model import parse_telling_rules
from consult.reports.unremarkable import parse_receipt_rules
from consult.reports.versions import ReportRules


def load_queue_limits(folder: Path) -> QueueLimits:
    """How long a taken case is kept for its reader."""
    table = RuleTable(_read(folder / "limits.toml"))
    row = table.table("row")
    row.only("service_types", "take", "most", "gap_min", "pause_min")
    return QueueLimits(
        lease=timedelta(minutes=table.whole("lease_min", lowest=1)),
        declines_to_escalate=table.whole("declines_to_escalate", lowest=1),
        row=RowRules(
            service_types=frozenset(row.codes("service_types", ServiceType)),
            take=row.span("take"),
            most=row.whole("most", lowest=row.span("take")[1]),
            gap=timedelta(minutes=row.whole("gap_min", lowest=1)),
            pause=timedelta(minutes=row.whole("pause_min", lowest=1)),
        ),
    )


def load_report_rules(folder: Path) -> Mapping[ServiceType, ReportRules]:
    """What a report of each service type must say; a type without a form of its own is refused."""
    forms = [
        parse_report_form(_read(path)) for path in sorted((folder / "report_forms").glob("*.toml"))
    ]
    own = {form.service_type: form for form in forms if not form.modalities}
    if set(own) != set(ServiceType) or len(own) != sum(not form.modalities for form in forms):
        raise MalformedRulesError("report_forms", "must hold one form for each service type")
    codes = RuleTable(_read(folder / "terms" / "icd10.toml")).table("icd10")
    titles = parse_titles(_read(folder / "titles.toml"))
    outcome = parse_outcome_rules(_read(folder / "grading.toml"))
    grades = parse_lesion_rules(_read(folder / "lesion_grades.toml"))
    second = parse_second_rules(_read(folder / "second_reading.toml"))
    known = RuleTable(_read(folder / "terms" / "organisations.toml")).table("title")
    review = parse_review_rules(_read(folder / "report_review.toml"), titles=known.values)
    first = parse_own_rules(_read(folder / "own_reading.toml"))
    alerts = parse_alert_rules(_read(folder / "urgent_alerts.toml"))
    plain = parse_receipt_rules(_read(folder / "receipts.toml"))
    recalls = parse_recall_rules(_read(folder / "recalls.toml"))
    tellings = parse_telling_rules(_read(folder / "tellings.toml"), plain=plain)
    diagnoses = MappingProxyType({code: codes.words(code) for code in codes.values})
    if not all(own[service].has_eyes for service in second.on_for):
        raise MalformedRulesError("second_reading.on_for", "must name services with eyes")
    return MappingProxyType(
        {
            service: ReportRules(
                form=form,
                outcome=outcome,
                titles=titles,
                diagnoses=diagnoses,
                grades=grades,
                second=second,
                review=review,
                own=first,
                alerts=alerts,
                after=AfterRules(tellings, recalls),
                others=_others(forms, service),
            )
            for service, form in own.items()
        }
    )


def _others(forms: Sequence[ReportForm], service: ServiceType) -> tuple[ReportForm, ...]:
    """The forms for other pictures; each modality belongs to one form, so that none is chosen."""
    others = tuple(form for form in forms if form.modalities and form.service_type is service)
    named = [modality for form in others for modality in form.modalities]
    if len(set(named)) != len(named):
        raise MalformedRulesError("report_forms", f"name a modality of {service} twice")
    if sum(form.is_rest for form in others) > 1:
        raise MalformedRulesError("report_forms", f"name two forms for the rest of {service}")
    return others


def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
