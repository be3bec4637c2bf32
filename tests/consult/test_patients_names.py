"""Names: what may stand in them, how they are found, hidden, and given to DICOM."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.kernel.errors import RefusedError
from consult.people.patients.names import (
    LONGEST_NAME,
    format_person_name,
    mask_name,
    parse_name,
    parse_name_rules,
    search_keys,
    split_name,
)
from tests.makers.rulebooks import read_config

RULES = parse_name_rules(read_config("names.toml"))


@pytest.mark.parametrize(
    "name",
    ["张小英", "䶮", "张𠅤", "阿卜杜热合曼·吐尔逊", "欧阳娜娜", "John Smith", "O'Neill", "𰻝𰻝"],
)
def test_rare_and_minority_names_are_kept_letter_by_letter(name: str) -> None:
    assert parse_name(f"  {name} ") == name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "field-missing"),
        ("   ", "field-missing"),
        ("张" * 65, "field-too-long"),
        ("张\u202e英", "name-forbidden-character"),
        ("张\u2066英", "name-forbidden-character"),
        ("张\u200b英", "name-forbidden-character"),
        ("张\x00英", "name-forbidden-character"),
        ("张\n英", "name-forbidden-character"),
        ("张^英", "name-forbidden-character"),
        ("张=英", "name-forbidden-character"),
        ("张\\英", "name-forbidden-character"),
        ("<script>", "name-forbidden-character"),
        ("张\ue000", "name-forbidden-character"),
        ("张\ufffe", "name-forbidden-character"),
        ("张\ud800", "name-forbidden-character"),
        ("·—1", "name-without-letters"),
    ],
)
def test_what_is_no_name_is_refused(text: str, code: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        parse_name(text)
    assert refusal.value.code == code
    assert refusal.value.problems[0].field == "name"
    assert text.strip() == "" or text not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("张小英", "zhangxiaoying", "zxy"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("曾国", "zengguo", "zg"),
        ("阿卜杜热合曼·吐尔逊", "abudurehemantuerxun", "abdrhmtex"),
        ("䶮", "yan", "y"),
        ("John Smith", "johnsmith", "js"),
        ("吕布", "lvbu", "lb"),
    ],
)
def test_a_name_is_found_by_its_readings(name: str, full: str, initials: str) -> None:
    keys = search_keys(name)
    assert full in keys.full
    assert initials in keys.initials
    assert f" {full} " in keys.text


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张小英", "张*英"),
        ("张英", "张*"),
        ("英", "*"),
        ("欧阳娜娜", "欧**娜"),
        ("张𠅤", "张*"),
        ("阿卜杜热合曼·吐尔逊", "阿********逊"),
        ("葛\U000e0100小城", "葛\U000e0100*城"),
    ],
)
def test_a_masked_name_keeps_only_its_ends(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("name", "person_name"),
    [
        ("张小英", "Zhang^XiaoYing=张^小英"),
        ("单雄信", "Shan^XiongXin=单^雄信"),
        ("欧阳娜", "Ouyang^Na=欧阳^娜"),
        ("万俟卨", "Moqi^Xie=万俟^卨"),
        ("䶮", "Yan=䶮"),
        ("张𠅤", "Zhang^Xi=张^𠅤"),
        ("John Smith", "John Smith"),
    ],
)
def test_a_name_becomes_a_dicom_person_name(name: str, person_name: str) -> None:
    assert format_person_name(name, rules=RULES) == person_name


def test_a_minority_name_is_not_cut_into_a_guessed_surname() -> None:
    assert split_name("阿卜杜热合曼·吐尔逊", rules=RULES) == ("阿卜杜热合曼·吐尔逊", "")
    alphabetic, ideographic = format_person_name("阿卜杜热合曼·吐尔逊", rules=RULES).split("=")
    assert ideographic == "阿卜杜热合曼·吐尔逊"
    assert alphabetic.isascii()


@given(text=st.text(max_size=80))
def test_any_text_is_a_name_or_is_refused(text: str) -> None:
    try:
        name = parse_name(text)
    except RefusedError:
        return
    assert parse_name(name) == name
    mask_name(name)
    search_keys(name)
    groups = format_person_name(name, rules=RULES).split("=")
    assert len(groups) <= 2
    assert all(len(group) <= LONGEST_NAME for group in groups)
    assert "\\" not in groups[0]


@given(text=st.text("张王李欧阳司马𠅤䶮小英", min_size=2, max_size=6))
def test_family_and_given_name_make_the_name_again(text: str) -> None:
    family, given_name = split_name(text, rules=RULES)
    assert family
    assert family + given_name == text
