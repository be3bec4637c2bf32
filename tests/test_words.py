"""Every sentence is said in Chinese and in English, once, and every refusal has one."""

import enum
import importlib
import re

from server.__main__ import _REFUSALS as REFUSALS
from server.cli.options import REASONS
from server.i18n import load_languages
from server.sentences import SENTENCES
from tests.consult.test_rules_terms import ENUMS, TERMS
from tests.makers.words import (
    HAN,
    ROOT,
    catalogue,
    chinese_in_markup,
    chinese_in_python,
    english_forms,
    every_text,
    marked_in_python,
    marked_in_template,
    python_files,
    refusal_codes,
)

_FIELD = re.compile(r"{(\w*)}")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = [
    path for path in sorted((ROOT / "static" / "ts").rglob("*.ts")) if ".test." not in path.name
]
TALKS_OTHERWISE = {"rules-malformed", *REFUSALS, *REASONS}
"""A configuration that stops the start names itself in the log; the command line has its own."""
NOT_SHOWN = {
    "Action", "ObjectType", "Party", "Accountable", "ClaimEnd", "Part", "Origin", "Likeness",
    "Verdict", "UploadState", "FileVerdict", "TaskStatus", "EyesAsked", "Side", "DeskView",
    "SalvageView", "CaseView", "QuestionKind", "Source", "CapturedSource", "ItemKind", "ReturnEnd",
    "PictureState", "PassName", "QualityVerdict", "Tab", "Way", "GroupedBy", "Level", "Charset",
    "Fate", "Compared", "Tool", "Matter", "Device", "WaitEnd", "ObjectState",
    "SessionAct", "Lapse", "Figure",
    "Consent", "RecordingEnd", "Wish",
    "RoomRole", "RoomDevice", "RoomEnd", "KnockState", "StayEnd",
    "LinkFor", "Identity", "Asks", "LinkState",
    "RingState", "RingAnswer", "RingOutcome", "Column", "DiabetesWord",
    "TurnEnd",
    "Term", "Rung", "Counted", "NoticeState", "Between",
    "TellingView", "RecallView", "EyeSign", "EyeCode", "Next",
    "Facet",
}  # fmt: skip
SHOWN_OTHERWISE = {
    "ObjectKind": "report_object",
    "Criterion": "routing_met",
    "DayHalf": "day_half",
    "DutySpan": "duty_span",
    "Finding": "own_finding",
    "Tier": "institution_tier",
    "Standing": "member_standing",
    "AgreementField": "agreement_field",
    "IdentityStatus": "identity_status",
    "ContactRelation": "contact_relation",
    "Choice": "decision_choice",
    "NextStep": "decision_next",
    "ExportReason": "export_reason",
    "HoldReason": "hold_reason",
    "Right": "machine_right",
    "MessageKind": "message_kind",
    "Trouble": "camera_trouble",
    "Turn": "reading_part",
    "SessionStatus": "session_status",
    "Called": "call_whom",
    "Heard": "call_result",
}
CHINESE_IN_CODE = {
    "server/moments.py",  # how dates and spans are written, which no catalogue can say
    "server/views/case_form.py",  # the unit of an acuity in five-mark notation
    "consult/dossiers/check_dossier.py",  # stands alone, and speaks both languages at once
    "consult/dossiers/content.py",  # the dossier's README, in both languages at once
    "imaging/fundus/laterality.py",  # words in file names of cameras
    "imaging/jail/typesetting.py",  # a specimen of the type
    "server/pdf/demo_seal.py",  # whom the demonstration certificate names, for every reader of PDF
    "imaging/jail/preload.py",  # a name that warms the decoder of Chinese names
}
CHINESE_IN_TEMPLATES = {
    "layout.html",  # the button that leads to Chinese says so in Chinese
    "plain.html",
    "account/show.html",
    "sign_in/show.html",
    "verify/page.html",
    "reports/show.html",
    "certificate/_frame.html",
    "booking/_grid.html",  # how a day is written in the head of a column
}


def said_in_python() -> set[str]:
    """Every marked sentence of the server."""
    return set().union(
        *(marked_in_python(path.read_text("utf-8")) for path in python_files("server"))
    )


def said_in_templates() -> set[str]:
    """Every marked sentence of the pages."""
    return set().union(*(marked_in_template(path.read_text("utf-8"))[0] for path in TEMPLATES))


def test_every_sentence_has_its_chinese() -> None:
    known = catalogue()
    said = said_in_python() | said_in_templates() | set(SENTENCES.values())
    assert len(said) > 400
    assert sorted(text for text in said if not any(zh for _po, zh in known.get(text, []))) == []


def test_no_sentence_is_translated_in_two_ways() -> None:
    twice = {
        text: entries
        for text, entries in catalogue().items()
        if len({chinese for _po, chinese in entries}) > 1
    }
    assert twice == {}


def test_no_translation_is_left_over() -> None:
    sources = [path.read_text("utf-8") for path in python_files("server")]
    said = said_in_templates().union(*map(every_text, sources))
    assert sorted(text for text in catalogue() if text not in said) == []


def test_a_translation_fills_in_the_same_facts() -> None:
    wrong = [
        text
        for text, entries in catalogue().items()
        for _po, chinese in entries
        if set(_FIELD.findall(text)) != set(_FIELD.findall(chinese))
    ]
    assert wrong == []


def test_chinese_sentences_keep_to_chinese_punctuation_and_a_calm_tone() -> None:
    wrong = []
    for entries in catalogue().values():
        for po, chinese in entries:
            plain = _FIELD.sub("", chinese)
            loud = [word for word in ("请您", "亲，", "！", "!") if word in plain]
            half = re.search(r"[\u4e00-\u9fff][,;:?.]", plain)
            if HAN.search(plain) and (loud or half):
                wrong.append(f"{po}: {chinese}")
    assert wrong == []


def test_a_template_marks_only_plain_sentences() -> None:
    unclear = {
        str(path.relative_to(ROOT)): lines
        for path in TEMPLATES
        if (lines := marked_in_template(path.read_text("utf-8"))[1])
    }
    assert unclear == {}


def test_every_refusal_has_a_sentence() -> None:
    codes = set().union(
        *(refusal_codes(path.read_text("utf-8")) for path in python_files("consult", "server"))
    )
    assert len(codes) > 100
    assert sorted(codes - set(SENTENCES) - TALKS_OTHERWISE) == []


def test_no_refusal_s_sentence_is_left_over() -> None:
    sources = [path.read_text("utf-8") for path in python_files("consult", "server", "imaging")]
    written = set().union(*map(every_text, sources))
    rules = "\n".join(path.read_text("utf-8") for path in (ROOT / "config").rglob("*.toml"))
    left = [code for code in SENTENCES if code not in written and f'"{code}"' not in rules]
    assert left == []


def test_every_enumeration_is_shown_in_words_or_known_not_to_be_shown() -> None:
    shown = {kind.__name__ for _group, kind in ENUMS}
    for path in python_files("consult"):
        if "migrations" in path.parts:
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, kind in vars(module).items():
            if not (isinstance(kind, type) and issubclass(kind, enum.StrEnum)):
                continue
            if kind.__module__ != module.__name__ or kind.__name__ in NOT_SHOWN | shown:
                continue
            assert name in SHOWN_OTHERWISE, f"{name} in {path}: shown nowhere, or said nowhere?"
            assert {str(code) for code in kind} <= set(TERMS[SHOWN_OTHERWISE[name]]), name


def test_every_group_of_terms_that_a_page_asks_for_is_there() -> None:
    asked = set()
    for path in TEMPLATES:
        asked |= set(re.findall(r'\bterms?(?:_of)?\("(\w+)"', path.read_text("utf-8")))
    assert asked
    assert asked <= set(TERMS)


def test_chinese_stands_in_config_alone() -> None:
    found = {}
    for path in python_files("server", "consult", "imaging"):
        name = str(path.relative_to(ROOT))
        if name in CHINESE_IN_CODE or name.startswith("server/demo/"):
            continue
        if lines := chinese_in_python(path.read_text("utf-8")):
            found[name] = lines
    for path in [*TEMPLATES, *SCRIPTS]:
        name = str(path.relative_to(ROOT)).removeprefix("templates/")
        if name in CHINESE_IN_TEMPLATES:
            continue
        if marked := chinese_in_markup(path.read_text("utf-8"), is_script=path.suffix == ".ts"):
            found[name] = [(0, line) for line in marked]
    assert found == {}


def test_the_exceptions_are_still_needed() -> None:
    for name in CHINESE_IN_CODE:
        assert chinese_in_python((ROOT / name).read_text("utf-8")), name
    for name in CHINESE_IN_TEMPLATES:
        assert chinese_in_markup((ROOT / "templates" / name).read_text("utf-8"), is_script=False)


def test_each_of_these_checks_would_notice() -> None:
    assert marked_in_python('x = N_("Send")\nrender(request, "a.html", title="Cases")') == {
        "Send",
        "Cases",
    }
    assert marked_in_python('_("a" if busy else "b")') == {"a", "b"}
    assert marked_in_template('{{ _("Send") }}{{ _(name) }}') == ({"Send"}, [1])
    assert chinese_in_python('"""会诊"""\nx = "会诊"') == [(2, "会诊")]
    assert chinese_in_markup("{# 会诊 #}<p>会诊</p>", is_script=False) == ["<p>会诊</p>"]
    assert chinese_in_markup('/** 会诊 */ const x = "a"; // 会诊', is_script=True) == []
    source = """
class GoneError(NotFoundError):
    def __init__(self):
        super().__init__("gone")
def step():
    raise RefusedError("too-late", field="on")
    yield FieldProblem("on", "missing")
"""
    assert refusal_codes(source) == {"gone", "too-late", "missing"}


def test_english_tells_one_from_many_and_says_the_same() -> None:
    known, languages = catalogue(), load_languages(ROOT / "config" / "locale")
    forms = english_forms()
    assert len(forms) > 20
    for one, many in forms:
        assert many in known, many
        assert set(_FIELD.findall(one)) == set(_FIELD.findall(many)), many
        facts = dict.fromkeys(_FIELD.findall(many), 1)
        assert languages.text("en", many).format(**facts) == one.format(**facts)
        assert languages.text("en", many).format(**dict.fromkeys(facts, 2)) == many.format(
            **dict.fromkeys(facts, 2)
        )
        assert languages.text("zh-Hans", many).format(**facts) != one.format(**facts)
