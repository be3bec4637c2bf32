"""Identity documents: which kinds there are, and what a number alone can tell (U26)."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import FieldProblem, RefusedError
from consult.kernel.rules import MalformedRulesError, RuleTable
from consult.kernel.words import Words

LONGEST_DOCUMENT_NUMBER: Final = 40

# GB 11643-1999 (ISO 7064 MOD 11-2): weight of each of the first 17 digits, and the check letters.
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_LETTERS: Final = "10X98765432"
_OLD_NUMBER: Final = re.compile(r"[1-9][0-9]{14}")

# Only the full-width forms of ASCII: NFKC would also turn '²' or '①' into digits.
_TO_ASCII: Final = {0xFF01 + step: 0x21 + step for step in range(94)}
_DROPPED: Final = {ord(letter): None for letter in " \t\u3000\u00a0"}


class Sex(enum.StrEnum):
    """The sex in the record (GB/T 2261.1: male, female, unknown)."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class DocumentKind(enum.StrEnum):
    """The kinds of identity document that can be registered."""

    RESIDENT_ID = "resident_id"
    HMT_RESIDENCE = "hmt_residence"
    FOREIGNER_PERMANENT = "foreigner_permanent"
    HM_TRAVEL = "hm_travel"
    TW_TRAVEL = "tw_travel"
    PASSPORT = "passport"
    HOUSEHOLD_REGISTER = "household_register"
    BIRTH_CERTIFICATE = "birth_certificate"
    OFFICER = "officer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """What a number of one kind must look like."""

    words: Words
    pattern: re.Pattern[str]
    citizen_number: bool
    verified: bool


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """The rules of every kind of document."""

    name: str
    version: str
    source: str
    earliest_birth_year: int
    kinds: Mapping[DocumentKind, DocumentRule]


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """A document number that holds, with what it says about its bearer.

    `verified` is False where no document was shown: the identity must be settled later.
    """

    kind: DocumentKind
    number: str
    birth_on: date | None
    sex: Sex | None
    verified: bool


def parse_document_rules(mapping: Mapping[str, object]) -> DocumentRules:
    """The rules of config/identity_documents.toml; every kind must be there."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "earliest_birth_year", "kind")
    kinds = {}
    below = table.table("kind")
    below.only(*DocumentKind)
    for kind in DocumentKind:
        kinds[kind] = _parse_rule(below.table(kind))
    return DocumentRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        earliest_birth_year=table.whole("earliest_birth_year", lowest=1),
        kinds=MappingProxyType(kinds),
    )


def parse_document(
    kind: DocumentKind, text: str, *, today: date, rules: DocumentRules
) -> IdentityDocument:
    """The document behind what was typed or scanned; raises RefusedError naming `document_number`.

    `today` is the date at the institution: nobody is born after it.
    """
    rule = rules.kinds[kind]
    number = _normalise(text)
    if len(text) > LONGEST_DOCUMENT_NUMBER:
        raise _refused("field-too-long", limit=LONGEST_DOCUMENT_NUMBER)
    if rule.citizen_number and _OLD_NUMBER.fullmatch(number):
        raise _refused("document-number-15-digits")
    match = rule.pattern.fullmatch(number)
    if match is None:
        raise _refused("document-number-malformed", kind=kind.value)
    number = match.group(match.lastindex or 0)
    if not rule.citizen_number:
        return IdentityDocument(kind, number, None, None, rule.verified)
    if number[-1] != check_letter(number[:-1]):
        raise _refused("document-check-digit-wrong")
    birth_on = _birth_in(number[6:14])
    if birth_on is None or birth_on > today or birth_on.year < rules.earliest_birth_year:
        raise _refused("document-birth-date-wrong")
    # GB 11643-1999: an odd sequence number is a man's, an even one a woman's.
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdentityDocument(kind, number, birth_on, sex, rule.verified)


def normalise_for_search(text: str) -> str:
    """A number as it is kept, from anything typed into the search box.

    A 15-digit number of the years before 1999 becomes its 18-digit successor, so that an old
    paper finds the same person.
    """
    number = _normalise(text)
    if _OLD_NUMBER.fullmatch(number) and _birth_in("19" + number[6:12]) is not None:
        longer = number[:6] + "19" + number[6:]
        return longer + check_letter(longer)
    return number


def check_letter(digits: str) -> str:
    """The 18th letter for 17 digits, ISO 7064 MOD 11-2."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECK_LETTERS[total % 11]


def check_agreement(
    document: IdentityDocument, *, birth_on: date | None, sex: Sex | None
) -> tuple[FieldProblem, ...]:
    """What the form says otherwise than the document: each must be asked, none is overwritten."""
    problems = []
    if document.birth_on is not None and birth_on is not None and birth_on != document.birth_on:
        problems.append(FieldProblem("birth_on", "birth-date-differs-from-document"))
    known = sex is not None and sex is not Sex.UNKNOWN
    if document.sex is not None and known and sex is not document.sex:
        problems.append(FieldProblem("sex", "sex-differs-from-document"))
    return tuple(problems)


def _parse_rule(table: RuleTable) -> DocumentRule:
    table.only("words", "pattern", "citizen_number", "unverified")
    try:
        pattern = re.compile(table.text("pattern"))
    except re.error:
        raise MalformedRulesError(table.at("pattern"), "is no regular expression") from None
    return DocumentRule(
        words=table.words("words"),
        pattern=pattern,
        citizen_number=table.flag_or_false("citizen_number"),
        verified=not table.flag_or_false("unverified"),
    )


def _normalise(text: str) -> str:
    return text.translate(_TO_ASCII).translate(_DROPPED).strip("\r\n").upper()


def _birth_in(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _refused(code: str, **facts: str | int) -> RefusedError:
    return RefusedError(code, field="document_number", **facts)
