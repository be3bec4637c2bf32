"""Institutions, the consortium, its panels and agreements, and the people who sign in."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from consult.cases.model import ServiceType
from consult.kernel.rules import RuleTable
from consult.kernel.work import Role
from server.demo.model import (
    AffiliationPlan,
    AgreementPlan,
    ConsortiumPlan,
    InstitutionPlan,
    PanelPlan,
    PractitionerPlan,
    Tier,
)

_LOGIN_MARK = "{login}"
_CODE_MARK = "{code}"
_LONGEST_DAYS = 3650


def plan_institutions(demo: RuleTable) -> tuple[InstitutionPlan, ...]:
    """Every institution, the lead hospital first."""
    found = []
    for table in demo.tables("institutions"):
        table.only("code", "name", "tier", "address", "phone")
        found.append(
            InstitutionPlan(
                code=table.text("code"),
                name=table.words("name"),
                tier=table.code("tier", Tier),
                address=table.words("address"),
                phone=table.text("phone"),
            )
        )
    return tuple(found)


def plan_consortium(demo: RuleTable) -> ConsortiumPlan:
    """The one consortium."""
    table = demo.table("consortium")
    table.only("code", "name", "lead", "members", "overseers")
    return ConsortiumPlan(
        code=table.text("code"),
        name=table.words("name"),
        lead=table.text("lead"),
        members=table.texts("members"),
        overseers=table.texts("overseers"),
    )


def plan_panels(demo: RuleTable) -> tuple[PanelPlan, ...]:
    """The expert panels."""
    found = []
    for table in demo.tables("panels"):
        table.only("code", "name", "institution", "leader", "members", "services")
        found.append(
            PanelPlan(
                code=table.text("code"),
                name=table.words("name"),
                institution=table.text("institution"),
                leader=table.text("leader"),
                members=table.texts("members"),
                services=table.codes("services", ServiceType),
            )
        )
    return tuple(found)


def plan_agreements(demo: RuleTable, *, today: date) -> tuple[AgreementPlan, ...]:
    """One agreement for each inviting institution, valid around today."""
    table = demo.table("agreements")
    fees = table.table("cost_to_patient")
    cost = MappingProxyType({service: fees.whole(service) for service in ServiceType})
    return tuple(
        AgreementPlan(
            number=table.text("number").replace(_CODE_MARK, code.upper()),
            inviting=code,
            invited=demo.table("consortium").text("lead"),
            services=table.codes("services", ServiceType),
            fee_rule=table.words("fee_rule"),
            liability=table.words("liability"),
            cost_fen=cost,
            valid_from=today + timedelta(days=_signed(table, "valid_from_days")),
            valid_until=today + timedelta(days=_signed(table, "valid_until_days")),
        )
        for code in table.texts("inviting")
    )


def plan_practitioners(demo: RuleTable) -> tuple[PractitionerPlan, ...]:
    """The people who sign in, with licence numbers in the order of the file."""
    rule = demo.table("sign_in").text("password")
    prefix = demo.table("numbers").text("licence_prefix")
    found = []
    for number, table in enumerate(demo.tables("people"), start=1):
        table.only("login", "name", "title", "specialty", "licensed", "affiliations")
        login = table.text("login")
        licensed = table.flag("licensed") if table.has("licensed") else True
        found.append(
            PractitionerPlan(
                login=login,
                password=rule.replace(_LOGIN_MARK, login),
                name=table.words("name"),
                title=table.text("title"),
                specialty=table.text("specialty"),
                licence=f"{prefix}{number:010d}" if licensed else None,
                affiliations=_affiliations(table),
            )
        )
    return tuple(found)


def people_by_role(
    practitioners: tuple[PractitionerPlan, ...],
) -> Mapping[tuple[str, Role], str]:
    """The first person of each role at each institution."""
    found: dict[tuple[str, Role], str] = {}
    for person in practitioners:
        for affiliation in person.affiliations:
            for role in affiliation.roles:
                found.setdefault((affiliation.institution, role), person.login)
    return found


def _affiliations(table: RuleTable) -> tuple[AffiliationPlan, ...]:
    found = []
    for row in table.tables("affiliations"):
        row.only("institution", "roles")
        found.append(AffiliationPlan(row.text("institution"), row.codes("roles", Role)))
    return tuple(found)


def _signed(table: RuleTable, key: str) -> int:
    return table.whole(key, lowest=-_LONGEST_DAYS)
