"""From a typed form to facts that hold; every problem is named at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from consult.kernel.errors import FieldProblem, FormRefusedError, RefusedError
from consult.people.patients.documents import (
    DocumentRules,
    IdentityDocument,
    Sex,
    check_agreement,
    parse_document,
)
from consult.people.patients.model import (
    ContactRelation,
    Facts,
    Guardian,
    IdentityStatus,
    PatientForm,
    RegistrationRules,
    age_on,
    normalise_phone,
)
from consult.people.patients.names import parse_name

LONGEST_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class PatientRules:
    """All rules that a registration is held against."""

    documents: DocumentRules
    registration: RegistrationRules


def parse_form(form: PatientForm, *, today: date, rules: PatientRules) -> Facts:
    """The facts of a form; raises FormRefusedError. `today` is the date at the institution."""
    problems: list[FieldProblem] = []
    name = _name(form, problems)
    document = _document(form, problems, today=today, rules=rules)
    birth_on = form.birth_on or (document.birth_on if document else None)
    sex = form.sex or (document.sex if document else None)
    if document is not None:
        problems.extend(check_agreement(document, birth_on=form.birth_on, sex=form.sex))
    problems.extend(_person_problems(birth_on, sex, today=today, rules=rules.registration))
    problems.extend(_contact_problems(form, rules=rules.registration))
    problems.extend(_guardian_problems(form, birth_on, today=today, rules=rules.registration))
    if problems or birth_on is None or sex is None or document is None:
        raise FormRefusedError(problems)
    phone = normalise_phone(form.phone)
    return Facts(
        name=name,
        document_kind=document.kind,
        document_number=document.number,
        identity_status=IdentityStatus.SETTLED if document.verified else IdentityStatus.PENDING,
        sex=sex,
        birth_on=birth_on,
        phone=phone,
        phone_relation=(form.phone_relation or ContactRelation.SELF) if phone else None,
        address=form.address.strip(),
        guardian=_guardian(form),
    )


def person_key(facts: Facts, *, rules: DocumentRules) -> str | None:
    """What two records of one person have in common; None where no document says so.

    An identity card and a household register carry the same citizen number: it alone is the key.
    """
    rule = rules.kinds[facts.document_kind]
    if not rule.verified or not facts.document_number:
        return None
    kind = "citizen" if rule.citizen_number else facts.document_kind.value
    return f"{kind}:{facts.document_number}"


def _name(form: PatientForm, problems: list[FieldProblem]) -> str:
    try:
        return parse_name(form.name)
    except RefusedError as error:
        problems.extend(error.problems)
        return ""


def _document(
    form: PatientForm, problems: list[FieldProblem], *, today: date, rules: PatientRules
) -> IdentityDocument | None:
    try:
        return parse_document(
            form.document_kind, form.document_number, today=today, rules=rules.documents
        )
    except RefusedError as error:
        problems.extend(error.problems)
        return None


def _person_problems(
    birth_on: date | None, sex: Sex | None, *, today: date, rules: RegistrationRules
) -> Iterator[FieldProblem]:
    if birth_on is None:
        yield FieldProblem("birth_on", "field-missing")
    elif birth_on > today or age_on(birth_on, today) > rules.oldest_age_years:
        yield FieldProblem("birth_on", "birth-date-impossible")
    if sex is None:
        yield FieldProblem("sex", "field-missing")


def _contact_problems(form: PatientForm, *, rules: RegistrationRules) -> Iterator[FieldProblem]:
    if form.phone and rules.phone_pattern.fullmatch(normalise_phone(form.phone)) is None:
        yield FieldProblem("phone", "patient-phone-malformed")
    if len(form.address) > LONGEST_ADDRESS:
        yield FieldProblem("address", "field-too-long", {"limit": LONGEST_ADDRESS})


def _guardian_problems(
    form: PatientForm, birth_on: date | None, *, today: date, rules: RegistrationRules
) -> Iterator[FieldProblem]:
    """A minor needs a guardian with relation and telephone; an adult may have one (U26)."""
    minor = birth_on is not None and age_on(birth_on, today) < rules.adult_age_years
    given = bool(form.guardian_name or form.guardian_phone or form.guardian_relation)
    if not (minor or given):
        return
    if not form.guardian_name.strip():
        yield FieldProblem("guardian_name", "guardian-missing")
    else:
        yield from _name_problems(form.guardian_name, field="guardian_name")
    if form.guardian_relation is None or form.guardian_relation is ContactRelation.SELF:
        yield FieldProblem("guardian_relation", "guardian-relation-missing")
    if not form.guardian_phone:
        yield FieldProblem("guardian_phone", "guardian-phone-missing")
    elif rules.phone_pattern.fullmatch(normalise_phone(form.guardian_phone)) is None:
        yield FieldProblem("guardian_phone", "patient-phone-malformed")


def _name_problems(text: str, *, field: str) -> tuple[FieldProblem, ...]:
    try:
        parse_name(text, field=field)
    except RefusedError as error:
        return tuple(error.problems)
    return ()


def _guardian(form: PatientForm) -> Guardian | None:
    if not form.guardian_name or form.guardian_relation is None:
        return None
    return Guardian(
        name=parse_name(form.guardian_name, field="guardian_name"),
        relation=form.guardian_relation,
        phone=normalise_phone(form.guardian_phone),
    )
