"""By how much the cameras of arriving pictures are taken to be wrong (U1)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from consult.cases.images import clock_store as store
from consult.cases.images.clocks import ClockSample, offset_of, sample_of
from consult.cases.images.model import Arrival, ImageRules
from consult.cases.model import Case
from consult.kernel.work import Work

Times = list[tuple[datetime, datetime]]


def with_clocks(
    work: Work, case: Case, arrivals: Sequence[Arrival], *, rules: ImageRules
) -> list[Arrival]:
    """The arrivals with what the sets that were confirmed here say of their cameras' clocks.

    Each camera is asked about once: the unit that takes pictures in holds up all who write.
    """
    cameras = {arrival.evidence.camera for arrival in arrivals} - {""}
    offsets = {camera: _offset_of(work, case, camera, rules=rules) for camera in sorted(cameras)}
    return [
        replace(
            arrival,
            evidence=replace(
                arrival.evidence, clock_offset_s=offsets.get(arrival.evidence.camera, 0)
            ),
        )
        for arrival in arrivals
    ]


def _offset_of(work: Work, case: Case, camera: str, *, rules: ImageRules) -> int:
    found = store.list_confirmed(
        work.session,
        institution_id=case.institution_id,
        camera=camera,
        since=work.now - timedelta(days=rules.clock.days_kept),
    )
    sets: dict[str, Times] = {}
    for case_id, captured_at, added_at in found:
        sets.setdefault(case_id, []).append((captured_at, added_at))
    samples = (
        sample
        for case_id, times in sets.items()
        if case_id != case.id
        if (sample := _sample(work, case, case_id, times, rules=rules)) is not None
    )
    newest = list(islice(samples, rules.clock.sets_kept))
    return offset_of(newest, rules=rules.clock, margin_s=60 * rules.own_window_min)


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
