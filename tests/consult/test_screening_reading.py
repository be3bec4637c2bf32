"""A list of the day as clinics have it: which cells are read, which lines are named and why."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.screening.errors import ListUnreadableError
from consult.cases.screening.model import PastedList, parse_list_rules
from consult.cases.screening.reading import decode_list, read_list
from consult.kernel.rules import MalformedRulesError
from consult.people.patients.documents import DocumentKind, Sex
from tests.makers.cases import citizen_number
from tests.makers.rulebooks import broken, read_config

RULES = parse_list_rules(read_config("screening.toml"))
NUMBER = citizen_number()
HEADING = "序号\t姓名\t身份证号\t性别\t出生日期\t联系电话\t住址"


def read(*lines: str, heading: str = HEADING) -> PastedList:
    return read_list("\n".join((heading, *lines)), rules=RULES)


def codes_of(line: str) -> list[tuple[str, str]]:
    (read_line,) = read(line).lines
    return [(problem.field, problem.code) for problem in read_line.problems]


def refusal_of(text: str) -> str:
    with pytest.raises(ListUnreadableError) as refused:
        read_list(text, rules=RULES)
    return refused.value.code


def test_a_line_pasted_from_a_spreadsheet_is_read_by_its_headings() -> None:
    pasted = read(f"1\t张桂英\t{NUMBER}\t女\t1962/3/14\t13905786127\t云溪镇")
    (line,) = pasted.lines
    assert (line.number, line.problems) == (2, ())
    assert (line.form.name, line.form.document_number) == ("张桂英", NUMBER)
    assert (line.form.document_kind, line.form.sex) == (DocumentKind.RESIDENT_ID, Sex.FEMALE)
    assert (line.form.birth_on, line.form.address) == (date(1962, 3, 14), "云溪镇")
    assert list(pasted.unread) == ["序号"]


@pytest.mark.parametrize("written", ["1962-03-14", "1962.3.14", "1962年3月14日", "19620314"])
def test_a_date_is_read_as_people_write_it(written: str) -> None:
    (line,) = read(f"1\t张桂英\t\t女\t{written}").lines
    assert (line.form.birth_on, line.form.document_kind) == (
        date(1962, 3, 14),
        DocumentKind.NONE,
    )


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_file_is_read_with_its_quotation_marks(separator: str) -> None:
    heading = separator.join(("姓名", "身份证号", "地址"))
    line = separator.join(("张桂英", NUMBER, f'"解放路{separator}1 号"'))
    (found,) = read(line, heading=heading).lines
    assert found.form.address == f"解放路{separator}1 号"


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("=A1", ("name", "list-formula")),
        ("@SUM(A1)", ("name", "list-formula")),
        ("张\u202e三", ("name", "field-unreadable")),
    ],
)
def test_a_formula_and_what_nobody_sees_are_named_with_their_column(
    cell: str, problem: tuple[str, str]
) -> None:
    assert codes_of(f"1\t{cell}\t{NUMBER}") == [problem]


def test_a_number_that_the_spreadsheet_has_rounded_is_named() -> None:
    assert codes_of("1\t张桂英\t3.31121E+17") == [("document_number", "list-number-rounded")]


def test_a_telephone_may_begin_with_a_plus() -> None:
    assert codes_of(f"1\t张桂英\t{NUMBER}\t女\t\t+86 139 0578 6127") == []
    assert codes_of(f"1\t张桂英\t{NUMBER}\t女\t\t+cmd") == [("phone", "list-formula")]


def test_unknown_words_and_impossible_days_are_named() -> None:
    assert codes_of("1\t张桂英\t\t妇\t1962-02-30") == [
        ("sex", "list-word-unknown"),
        ("birth_on", "list-day-unreadable"),
    ]


@pytest.mark.parametrize(
    ("told", "answers"),
    [
        ("2型\t2015年", {"diabetes": "yes", "diabetes_type": "type_2", "diabetes_years": "11"}),
        ("T1DM\t2026-03", {"diabetes": "yes", "diabetes_type": "type_1", "diabetes_years": "0"}),
        ("\t2015.3.8", {"diabetes": "yes", "diabetes_years": "11"}),
        ("不详\t不详", {"diabetes_type": "unknown"}),
        ("是\t", {"diabetes": "yes"}),
        ("非糖尿病\t", {"diabetes": "no"}),
        ("无\t-", {}),
    ],
)
def test_diabetes_on_the_list_gives_first_answers(told: str, answers: dict[str, str]) -> None:
    heading = "姓名\t身份证号\t糖尿病类型\t确诊年份"
    (line,) = read(f"张桂英\t{NUMBER}\t{told}", heading=heading).lines
    assert (line.problems, dict(line.history.answers(year=2026))) == ((), answers)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("三型\t2015", ("diabetes_type", "list-word-unknown")),
        ("2型\t十五年", ("diabetes_since", "list-year-unreadable")),
        ("2型\t=A1", ("diabetes_since", "list-formula")),
        ("否\t2015", ("diabetes_since", "list-year-without-diabetes")),
    ],
)
def test_what_is_wrong_about_diabetes_is_named_with_its_column(
    told: str, problem: tuple[str, str]
) -> None:
    heading = "姓名\t身份证号\t糖尿病类型\t确诊年份"
    (line,) = read(f"张桂英\t{NUMBER}\t{told}", heading=heading).lines
    assert problem in [(each.field, each.code) for each in line.problems]


def test_a_short_line_and_a_blank_one_cost_nothing() -> None:
    found = read("", f"1\t张桂英\t{NUMBER}", "\t\t\t").lines
    assert [line.number for line in found] == [3]


def test_a_list_that_cannot_be_one_is_refused_whole() -> None:
    assert refusal_of("") == "field-missing"
    assert refusal_of(f"张桂英\t{NUMBER}") == "list-heading-missing"
    assert refusal_of("姓名\t身份证号") == "list-no-lines"
    assert refusal_of("姓名\t患者姓名\n张\t张") == "list-heading-twice"
    assert refusal_of('姓名,地址\n张桂英,"没有结束') == "list-malformed"


def test_two_hundred_lines_are_taken_and_one_more_is_not() -> None:
    lines = [f"{n}\t张桂英\t{NUMBER}" for n in range(RULES.most_lines)]
    assert len(read(*lines).lines) == RULES.most_lines
    assert refusal_of("\n".join([HEADING, *lines, lines[0]])) == "list-too-long"
    assert refusal_of("\n".join([HEADING, *(lines * 50)])) == "list-too-long"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_of_excel_or_wps_is_read_whatever_it_was_saved_as(encoding: str) -> None:
    assert decode_list("姓名,地址\n叶𠅤,云溪".encode(encoding)) == "姓名,地址\n叶𠅤,云溪"


@pytest.mark.parametrize(
    "data", ["姓名\n张".encode("utf-16"), b"\xff\xfe\x00", b"PK\x03\x04\x00\x80"]
)
def test_a_file_in_another_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(ListUnreadableError) as refused:
        decode_list(data)
    assert refused.value.code == "list-encoding"


@given(st.text(max_size=400))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with contextlib.suppress(ListUnreadableError):
        found = read_list("姓名\t身份证号\n" + text, rules=RULES)
        assert len(found.lines) <= RULES.most_lines


def test_a_heading_that_means_two_things_stops_the_start() -> None:
    with pytest.raises(MalformedRulesError):
        parse_list_rules(broken(read_config("screening.toml"), "columns.sex", ["姓名"]))
