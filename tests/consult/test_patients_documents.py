"""Identity documents: what is taken, what is refused, what a number tells."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.kernel.errors import RefusedError
from consult.people.patients.documents import (
    DocumentKind,
    IdentityDocument,
    Sex,
    check_agreement,
    normalise_for_search,
    parse_document,
    parse_document_rules,
)
from tests.makers.rulebooks import make_citizen_number, read_config

RULES = parse_document_rules(read_config("identity_documents.toml"))
TODAY = date(2026, 1, 5)
BORN = date(1956, 3, 8)
NUMBER = make_citizen_number(BORN)
HMT = make_citizen_number(BORN, region="810000")
FOREIGN = make_citizen_number(BORN, region="911156")
WITH_X = next(
    number
    for sequence in range(999)
    if (number := make_citizen_number(BORN, sequence=sequence)).endswith("X")
)
FULL_WIDTH = NUMBER.translate({0x30 + digit: 0xFF10 + digit for digit in range(10)})


def read(kind: DocumentKind, text: str) -> IdentityDocument:
    return parse_document(kind, text, today=TODAY, rules=RULES)


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (DocumentKind.RESIDENT_ID, NUMBER, NUMBER),
        (DocumentKind.RESIDENT_ID, f" {NUMBER[:6]} {NUMBER[6:14]}　{NUMBER[14:]}\r\n", NUMBER),
        (DocumentKind.RESIDENT_ID, FULL_WIDTH, NUMBER),
        (DocumentKind.RESIDENT_ID, WITH_X.lower(), WITH_X),
        (DocumentKind.RESIDENT_ID, WITH_X.replace("X", "Ｘ"), WITH_X),
        (DocumentKind.HMT_RESIDENCE, HMT, HMT),
        (DocumentKind.HMT_RESIDENCE, make_citizen_number(BORN, region="830000"), None),
        (DocumentKind.FOREIGNER_PERMANENT, FOREIGN, FOREIGN),
        (DocumentKind.HOUSEHOLD_REGISTER, NUMBER, NUMBER),
        (DocumentKind.HM_TRAVEL, "H12345678", "H12345678"),
        (DocumentKind.HM_TRAVEL, "m1234567801", "M12345678"),
        (DocumentKind.TW_TRAVEL, "12345678", "12345678"),
        (DocumentKind.TW_TRAVEL, "1234567802", "12345678"),
        (DocumentKind.PASSPORT, "e12345678", "E12345678"),
        (DocumentKind.BIRTH_CERTIFICATE, "T110123456", "T110123456"),
        (DocumentKind.OFFICER, "军字第12345678号", "军字第12345678号"),
        (DocumentKind.NONE, "SZ-0042", "SZ-0042"),
        (DocumentKind.NONE, "", ""),
    ],
)
def test_a_valid_document_is_taken_in_its_normal_form(
    kind: DocumentKind, text: str, number: str | None
) -> None:
    document = read(kind, text)
    assert document.number == (number if number is not None else text)
    assert document.verified is (kind is not DocumentKind.NONE)
    carries = RULES.kinds[kind].citizen_number
    assert document.birth_on == (BORN if carries else None)
    assert (document.sex is not None) is carries


def wrong_check(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (DocumentKind.RESIDENT_ID, wrong_check(NUMBER), "document-check-digit-wrong"),
        (DocumentKind.RESIDENT_ID, "", "document-number-malformed"),
        (DocumentKind.RESIDENT_ID, NUMBER[:-1], "document-number-malformed"),
        (DocumentKind.RESIDENT_ID, NUMBER + "0", "document-number-malformed"),
        (DocumentKind.RESIDENT_ID, "110101560308002", "document-number-15-digits"),
        (DocumentKind.HOUSEHOLD_REGISTER, "110101560308002", "document-number-15-digits"),
        (DocumentKind.RESIDENT_ID, HMT, "document-number-malformed"),
        (DocumentKind.RESIDENT_ID, FOREIGN, "document-number-malformed"),
        (DocumentKind.RESIDENT_ID, NUMBER.replace("1", "¹"), "document-number-malformed"),
        (DocumentKind.RESIDENT_ID, NUMBER.replace("1", "١"), "document-number-malformed"),
        (
            DocumentKind.RESIDENT_ID,
            make_citizen_number(date(2026, 1, 6)),
            "document-birth-date-wrong",
        ),
        (
            DocumentKind.RESIDENT_ID,
            make_citizen_number(date(1869, 12, 31)),
            "document-birth-date-wrong",
        ),
        (DocumentKind.HMT_RESIDENCE, NUMBER, "document-number-malformed"),
        (DocumentKind.FOREIGNER_PERMANENT, NUMBER, "document-number-malformed"),
        (DocumentKind.FOREIGNER_PERMANENT, wrong_check(FOREIGN), "document-check-digit-wrong"),
        (DocumentKind.HM_TRAVEL, "T12345678", "document-number-malformed"),
        (DocumentKind.HM_TRAVEL, "H1234567", "document-number-malformed"),
        (DocumentKind.TW_TRAVEL, "123456789", "document-number-malformed"),
        (DocumentKind.PASSPORT, "PASSPORT", "document-number-malformed"),
        (DocumentKind.PASSPORT, "E1'; --", "document-number-malformed"),
        (DocumentKind.BIRTH_CERTIFICATE, "1101234567", "document-number-malformed"),
        (DocumentKind.OFFICER, "12345678", "document-number-malformed"),
        (DocumentKind.NONE, "<b>", "document-number-malformed"),
        (DocumentKind.PASSPORT, "E" + "1" * 400, "field-too-long"),
    ],
)
def test_an_invalid_document_is_refused_with_its_field(
    kind: DocumentKind, text: str, code: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(kind, text)
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [
        ("document_number", code)
    ]


def test_a_day_that_no_calendar_has_is_refused() -> None:
    digits = NUMBER[:6] + "19570229" + NUMBER[14:17]
    candidates = [digits + letter for letter in "0123456789X"]
    codes = set()
    for candidate in candidates:
        with pytest.raises(RefusedError) as refusal:
            read(DocumentKind.RESIDENT_ID, candidate)
        codes.add(refusal.value.code)
    assert codes == {"document-check-digit-wrong", "document-birth-date-wrong"}


@given(
    born=st.dates(date(1870, 1, 1), TODAY), sequence=st.integers(0, 999), place=st.integers(0, 17)
)
def test_every_single_wrong_digit_is_noticed(born: date, sequence: int, place: int) -> None:
    number = make_citizen_number(born, sequence=sequence)
    document = read(DocumentKind.RESIDENT_ID, number)
    assert document.birth_on == born
    assert document.sex is (Sex.MALE if sequence % 2 else Sex.FEMALE)
    other = "3" if number[place] != "3" else "7"
    with pytest.raises(RefusedError):
        read(DocumentKind.RESIDENT_ID, number[:place] + other + number[place + 1 :])


def test_an_old_15_digit_number_finds_its_18_digit_successor() -> None:
    old = NUMBER[:6] + NUMBER[8:17]
    assert normalise_for_search(f" {old} ") == NUMBER
    assert normalise_for_search(FULL_WIDTH) == NUMBER
    assert normalise_for_search("999999999999999") == "999999999999999"


def test_what_differs_from_the_document_is_asked() -> None:
    document = read(DocumentKind.RESIDENT_ID, NUMBER)
    assert check_agreement(document, birth_on=BORN, sex=document.sex) == ()
    assert check_agreement(document, birth_on=None, sex=Sex.UNKNOWN) == ()
    other = Sex.FEMALE if document.sex is Sex.MALE else Sex.MALE
    asked = check_agreement(document, birth_on=date(1956, 3, 9), sex=other)
    assert {problem.field for problem in asked} == {"birth_on", "sex"}
    passport = read(DocumentKind.PASSPORT, "E12345678")
    assert check_agreement(passport, birth_on=BORN, sex=Sex.FEMALE) == ()


@given(kind=st.sampled_from(DocumentKind), text=st.text(max_size=60))
def test_nonsense_is_refused_and_never_crashes(kind: DocumentKind, text: str) -> None:
    normalise_for_search(text)
    try:
        document = read(kind, text)
    except RefusedError:
        return
    assert RULES.kinds[kind].pattern.fullmatch(document.number)
