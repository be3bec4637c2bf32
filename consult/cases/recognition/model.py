"""Mutual recognition (检查结果互认, IMG-12): when an earlier exam counts, and what repeats it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from consult.cases.images.model import CaseImage
from consult.cases.model import ServiceType
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, InstanceId, InstitutionId, PatientId, PractitionerId, StudyId
from consult.kernel.rules import RuleTable
from consult.kernel.work import Work


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind of exam: how long it counts, and by what its objects are told."""

    days: int
    sop_classes: frozenset[str]
    not_fields: frozenset[FieldCode]
    per_field: bool


@dataclass(frozen=True, slots=True)
class RecognitionRules:
    """config/recognition.toml."""

    version: str
    kinds: Mapping[str, KindRule]
    asks: Mapping[ServiceType, frozenset[str]]
    repeat_reasons: tuple[str, ...]
    needs_note: frozenset[str]

    def kind_of(self, sop_class_uid: str, field: FieldCode | None) -> str | None:
        """Of which kind of exam an object is; None where nobody recognises such a one."""
        for code, rule in self.kinds.items():
            if sop_class_uid in rule.sop_classes and field not in rule.not_fields:
                return code
        return None

    @property
    def longest_days(self) -> int:
        """The longest time for which any exam counts."""
        return max((rule.days for rule in self.kinds.values()), default=0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the newest report says of an exam's pictures; without one nobody has read them."""

    signed_at: datetime
    ungradable: frozenset[Eye]


ReadingsOf = Callable[[Work, Collection[str]], Mapping[str, Reading]]
"""What readers said of these cases: reports are a later stage, so it comes as an argument."""


@dataclass(frozen=True, slots=True)
class Book:
    """The rules, and who knows what readers said."""

    rules: RecognitionRules
    readings_of: ReadingsOf


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of an exam as its own institution confirmed it."""

    instance_id: InstanceId
    study_id: StudyId
    source_sha256: str
    sop_class_uid: str
    eye: Eye | None
    field: FieldCode | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """One case whose pictures may count elsewhere."""

    case_id: CaseId
    institution_id: InstitutionId
    patient_id: PatientId
    by_id: PractitionerId | None
    pictures: Sequence[Picture]

    @property
    def taken_at(self) -> datetime:
        """When its last picture was taken."""
        return max(picture.taken_at for picture in self.pictures)


@dataclass(frozen=True, slots=True)
class Exam:
    """A valid exam of one kind: the pictures of one case that count today."""

    kind: str
    source: Source
    pictures: tuple[Picture, ...]
    reading: Reading | None

    @property
    def taken_at(self) -> datetime:
        """When its last picture was taken."""
        return max(picture.taken_at for picture in self.pictures)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the other exams of a person."""
        return self.kind, self.source.case_id


@dataclass(frozen=True, slots=True)
class Recognition:
    """An exam that was offered to a case; used since `used_at`, and given up at `ended_at`."""

    id: str
    case_id: CaseId
    kind: str
    source_case_id: CaseId
    source_institution_id: InstitutionId
    taken_at: datetime
    offered_at: datetime
    used_at: datetime | None
    used_by: PractitionerId | None
    ended_at: datetime | None
    ended_why: str | None

    @property
    def is_used(self) -> bool:
        """Whether the case rests on it now."""
        return self.used_at is not None and self.ended_at is None

    @property
    def key(self) -> tuple[str, str]:
        """The exam that it is about."""
        return self.kind, self.source_case_id


@dataclass(frozen=True, slots=True)
class Repeat:
    """Why an exam is taken again; `counted_at` is set where it really was, at the submission."""

    id: str
    case_id: CaseId
    kind: str
    reason: str
    note: str = slot(repr=False)
    by_id: PractitionerId
    said_at: datetime
    counted_at: datetime | None


def is_valid(taken_at: datetime, *, taken_in: str, now: datetime, asked_in: str, days: int) -> bool:
    """Whether an exam still counts: each date is reckoned in the zone of its own institution."""
    if taken_at > now:
        return False
    taken_on = taken_at.astimezone(ZoneInfo(taken_in)).date()
    today = now.astimezone(ZoneInfo(asked_in)).date()
    return (today - taken_on).days <= days


def repeats(own: CaseImage, exam: Exam, rule: KindRule) -> bool:
    """Whether a picture takes one of the exam again: later, and not the same bytes."""
    if any(own.instance.source_sha256 == each.source_sha256 for each in exam.pictures):
        return False
    received_at = own.instance.received_at
    own_at = min(own.instance.description.captured.at or received_at, received_at)
    before = [each for each in exam.pictures if each.taken_at <= own_at]
    if rule.per_field:
        return any((own.eye, own.field) == (each.eye, each.field) for each in before)
    return any(own.eye is None or each.eye in {None, own.eye} for each in before)


def parse_recognition_rules(mapping: Mapping[str, object]) -> RecognitionRules:
    """config/recognition.toml; raises MalformedRulesError with the key that is wrong."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "kind", "asks", "repeat_reasons", "needs_note")
    table.text("source")
    kinds = {code: _kind(below) for code, below in table.children("kind")}
    claimed = [uid for rule in kinds.values() for uid in rule.sop_classes]
    if len(claimed) != len(set(claimed)):
        raise table.wrong("kind", "one SOP class is of two kinds")
    reasons = table.texts("repeat_reasons")
    if not reasons or not set(table.texts("needs_note")) <= set(reasons):
        raise table.wrong("repeat_reasons", "must name every reason")
    return RecognitionRules(
        version=table.text("version"),
        kinds=MappingProxyType(kinds),
        asks=MappingProxyType(_asks(table.table("asks"), kinds)),
        repeat_reasons=reasons,
        needs_note=frozenset(table.texts("needs_note")),
    )


def _asks(table: RuleTable, kinds: Mapping[str, KindRule]) -> dict[ServiceType, frozenset[str]]:
    table.only(*ServiceType)
    found = {service: frozenset(table.texts(service)) for service in ServiceType}
    for service, asked in found.items():
        if not asked <= set(kinds):
            raise table.wrong(service, "names no kind of exam")
    return found


def _kind(table: RuleTable) -> KindRule:
    table.only("days", "sop_classes", "not_fields", "per_field")
    return KindRule(
        days=table.whole("days", lowest=1),
        sop_classes=frozenset(table.texts("sop_classes")),
        not_fields=frozenset(table.codes("not_fields", FieldCode)),
        per_field=table.flag("per_field"),
    )
