"""The notices that can be printed now, and that each was printed or shown (RPT-10)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports import service as reports
from consult.reports.model import ReferralUrgency
from consult.reports.result_notice.model import (
    EyeSaid,
    NextSaid,
    NoticeWords,
    say_eyes,
    say_next,
)
from consult.reports.tellings import service as tellings
from consult.reports.tellings.errors import TellingUnreceivedError
from consult.reports.tellings.model import Telling, TellingKind, TellingRules, TellingView
from consult.reports.unremarkable import Version
from consult.reports.verify import content_of
from consult.reports.versions import Report


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """What a notice is made of: its sentences, who is told, and how soon a referral is due."""

    words: NoticeWords
    tellings: TellingRules
    within_days: Mapping[ReferralUrgency, int]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: what is said of each eye, and what is to be done."""

    case: Case
    telling: Telling
    report: Report
    content: Mapping[str, Any] = field(repr=False)
    eyes: Sequence[EyeSaid]
    steps: Sequence[NextSaid]


def make_notice(work: Work, *, case_id: str, rules: NoticeRules) -> Notice:
    """The notice of one's own case; raises TellingUnreceivedError before its version was read."""
    case, telling = tellings.get_telling(work, case_id)
    report = reports.get_report(work, telling.report_id)
    if reports.find_receipt(work, report) is None:
        raise TellingUnreceivedError(case.id)
    return _notice(work, case, telling, report, rules=rules)


def list_notices(
    work: Work, *, together: bool, rules: NoticeRules, chosen: Collection[str] | None = None
) -> list[Notice]:
    """The notices of the patients to be told: those without a finding, or all the others.

    With `chosen` those of these cases alone. Whose newest version was not received yet is left out.
    """
    found = []
    for telling in tellings.list_tellings(work, view=TellingView.OPEN):
        if (telling.kind is TellingKind.PLAIN) is not together:
            continue
        if chosen is not None and telling.case_id not in chosen:
            continue
        case, newest = tellings.get_telling(work, telling.case_id)
        report = reports.get_report(work, newest.report_id)
        if reports.find_receipt(work, report) is not None:
            found.append(_notice(work, case, newest, report, rules=rules))
    return found[: rules.words.most]


def note_printed(work: Work, printed: Sequence[Notice], *, words: NoticeWords) -> None:
    """Write down for each patient that her name and result went onto paper."""
    _note(work, printed, "telling.printed", words=words)


def note_shown(work: Work, shown: Sequence[Notice], *, words: NoticeWords) -> None:
    """Write down for each patient that her result was given out as sentences, on no paper."""
    _note(work, shown, "telling.shown", words=words)


def _note(work: Work, notices: Sequence[Notice], kind: str, *, words: NoticeWords) -> None:
    for notice in notices:
        codes = {
            "telling": notice.telling.id,
            "report": notice.report.id,
            "words": f"{words.name} {words.version}",
        }
        work.journal(case_entry(notice.case, kind, codes=codes))


def _notice(
    work: Work, case: Case, telling: Telling, report: Report, *, rules: NoticeRules
) -> Notice:
    content = content_of(report)
    place = organisations.get_institution(work, case.institution_id)
    signed = Version(report.service_type, report.version, report.status)
    steps = say_next(
        content,
        rules.tellings.kind_of(signed, content),
        signed_on=place.local_day(report.signed_at),
        within_days=rules.within_days,
    )
    eyes = say_eyes(content, rules.words) if report.is_opinion else ()
    return Notice(case, telling, report, content, eyes, steps)
