"""Cooperation agreements: no agreement, no case (ID-04)."""

from datetime import UTC, date, datetime

import pytest

from consult.kernel.errors import RefusedError
from consult.people.organisations import agreements
from consult.people.organisations import service as organisations
from consult.people.organisations.errors import (
    AgreementClashError,
    AgreementMissingError,
    AgreementSignedError,
    StaleError,
)
from consult.people.organisations.model import AgreementField
from tests.makers.clinic import Clinic
from tests.makers.people import (
    add_panel,
    agree,
    make_house,
    terms,
)

TODAY = date(2026, 1, 5)


def _require(clinic: Clinic, inviting_id: str, panel_id: str, **changes: object) -> object:
    kwargs: dict[str, object] = {"service_type": "remote_consultation", "on": TODAY} | changes
    return clinic.system(
        organisations.require_agreement, inviting_id=inviting_id, panel_id=panel_id, **kwargs
    )


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"fee_rule": ""}, AgreementField.FEE_RULE),
        ({"liability": ""}, AgreementField.LIABILITY),
        ({"services": frozenset()}, AgreementField.SERVICES),
        ({"services": frozenset({"screening_read"})}, AgreementField.SERVICES),
        ({"valid_from": date(2026, 1, 6)}, AgreementField.VALID_FROM),
        (
            {"valid_from": date(2025, 1, 1), "valid_until": date(2026, 1, 4)},
            AgreementField.VALID_UNTIL,
        ),
    ],
)
def test_without_a_complete_agreement_the_missing_field_is_named(
    clinic: Clinic, changes: dict[str, object], missing: AgreementField
) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    with pytest.raises(AgreementMissingError) as refused:
        _require(clinic, house.centre_id, panel)
    assert refused.value.missing is AgreementField.AGREEMENT
    agree(clinic, house, **changes)
    with pytest.raises(AgreementMissingError) as refused:
        _require(clinic, house.centre_id, panel)
    assert refused.value.missing is missing
    offered = clinic.system(
        organisations.panel_choices,
        inviting_id=house.centre_id,
        service_type="remote_consultation",
        on=TODAY,
    )
    assert offered == []


def test_an_agreement_ends_at_midnight_of_the_inviting_institution(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    agree(clinic, house, valid_until=date(2026, 3, 31))
    centre = clinic.system(organisations.get_institution, institution_id=house.centre_id)
    last = centre.local_day(datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC))
    first_after = centre.local_day(datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC))
    assert (last, first_after) == (date(2026, 3, 31), date(2026, 4, 1))
    _require(clinic, house.centre_id, panel, on=last)
    with pytest.raises(AgreementMissingError):
        _require(clinic, house.centre_id, panel, on=first_after)


def test_one_pair_has_one_agreement_for_a_service_at_a_time(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    agree(clinic, house)
    with pytest.raises(AgreementClashError):
        agree(clinic, house, valid_from=date(2026, 12, 31), valid_until=date(2027, 12, 31))
    agree(clinic, house, services=frozenset({"remote_diagnosis"}))
    agree(clinic, house, valid_from=date(2027, 1, 1), valid_until=date(2027, 12, 31))


def test_a_hundred_agreements_at_once_leave_one(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    running = [
        clinic.start(
            house.administrator,
            agreements.add_agreement,
            consortium_id=house.consortium_id,
            inviting_id=house.centre_id,
            invited_id=house.lead_id,
            terms=terms(),
        )
        for _ in range(20)
    ]
    failures = [each.exception(timeout=20) for each in running]
    assert sum(failure is None for failure in failures) == 1
    assert all(isinstance(f, AgreementClashError) for f in failures if f is not None)


def test_a_signed_agreement_is_ended_not_changed(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    draft = agree(clinic, house, liability="")
    boss = house.administrator
    with pytest.raises(RefusedError):
        clinic.do(
            boss,
            agreements.complete_agreement,
            agreement_id=draft,
            revision=1,
            terms=terms(valid_until=date(2025, 1, 1)),
        )
    clinic.do(boss, agreements.complete_agreement, agreement_id=draft, revision=1, terms=terms())
    with pytest.raises(AgreementSignedError):
        clinic.do(
            boss, agreements.complete_agreement, agreement_id=draft, revision=2, terms=terms()
        )
    with pytest.raises(StaleError):
        clinic.do(boss, agreements.end_agreement, agreement_id=draft, revision=1)
    clinic.do(boss, agreements.end_agreement, agreement_id=draft, revision=2)
    ended = clinic.do(boss, agreements.get_agreement, agreement_id=draft)
    assert ended.valid_until == TODAY
    kinds = [kind for kind in clinic.kinds() if kind.startswith("agreement.")]
    assert kinds == ["agreement.written", "agreement.signed", "agreement.ended"]


def test_an_agreement_ended_before_its_first_day_never_holds(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    coming = agree(clinic, house, valid_from=date(2026, 6, 1))
    clinic.system(agreements.end_agreement, agreement_id=coming, revision=1)
    with pytest.raises(AgreementMissingError):
        _require(clinic, house.centre_id, panel, on=date(2026, 6, 1))
    agree(clinic, house)


def test_an_agreement_needs_two_members(clinic: Clinic) -> None:
    house, other = make_house(clinic, "a"), make_house(clinic, "b")
    for inviting, invited, field in (
        (house.centre_id, house.centre_id, "invited_id"),
        (other.centre_id, house.lead_id, "inviting_id"),
        (house.centre_id, other.lead_id, "invited_id"),
    ):
        with pytest.raises(RefusedError) as refused:
            clinic.system(
                agreements.add_agreement,
                consortium_id=house.consortium_id,
                inviting_id=inviting,
                invited_id=invited,
                terms=terms(),
            )
        assert refused.value.problems[0].field == field
