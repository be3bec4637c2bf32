"""By how much the camera of an arriving picture is taken to be wrong (U1)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from consult.cases.images import clock_store as store
from consult.cases.images.clocks import ClockSample, offset_of, sample_of
from consult.cases.images.model import Evidence, ImageRules
from consult.cases.model import Case
from consult.kernel.work import Work

Times = list[tuple[datetime, datetime]]


def with_clock(work: Work, case: Case, evidence: Evidence, *, rules: ImageRules) -> Evidence:
    """The evidence with what the sets that were confirmed here say of its camera's clock."""
    if not evidence.camera:
        return evidence
    found = store.list_confirmed(
        work.session,
        institution_id=case.institution_id,
        camera=evidence.camera,
        since=work.now - timedelta(days=rules.clock.days_kept),
    )
    sets: dict[str, Times] = {}
    for case_id, captured_at, added_at in found:
        sets.setdefault(case_id, []).append((captured_at, added_at))
    samples = [
        sample
        for case_id, times in sets.items()
        if case_id != case.id
        if (sample := _sample(work, case, case_id, times, rules=rules)) is not None
    ]
    offset_s = offset_of(samples, rules=rules.clock, margin_s=60 * rules.own_window_min)
    return replace(evidence, clock_offset_s=offset_s)


def _sample(
    work: Work,
    case: Case,
    case_id: str,
    times: Sequence[tuple[datetime, datetime]],
    *,
    rules: ImageRules,
) -> ClockSample | None:
    arrived = min(added_at for _captured, added_at in times)
    since = arrived - timedelta(minutes=rules.longest_window_min)
    opened = store.first_opening(
        work.session, case_id, institution_id=case.institution_id, since=since, until=arrived
    )
    return sample_of(times, opened_at=opened or since)
