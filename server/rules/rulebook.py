"""Every rule set, form and term of config/, read once at start and passed down as arguments."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consult.access.model import RoleRules, parse_role_rules
from consult.annotations.lesions import parse_lesions
from consult.annotations.model import Lesions
from consult.cases.model import ServiceType
from consult.cases.papers.model import PaperRules, parse_paper_rules
from consult.cases.rules import CaseRules
from consult.cases.screening.model import ListRules, parse_list_rules
from consult.dossiers.retention import Retention, parse_retention
from consult.notices.model import NoticeRules, parse_notice_rules
from consult.people.patients.registration import PatientRules
from consult.people.practitioners.sign_in_rules import SignInRules, parse_sign_in_rules
from consult.queue.model import QueueLimits
from consult.reports.after_rules import AfterRules
from consult.reports.alerts.model import AlertRules
from consult.reports.dispatches.model import DispatchRules, parse_dispatch_rules
from consult.reports.own.rules import OwnRules
from consult.reports.result_notice.model import NoticeWords, parse_notice_words
from consult.reports.second.matters import SecondRules
from consult.reports.signing import SigningRules, parse_signing_rules
from consult.reports.tellings.model import TellingRules
from consult.reports.versions import ReportRules
from consult.rooms.ringing.model import RingRules, parse_ring_rules
from consult.storage.model import StorageRules, parse_storage_rules
from consult.studies.peers.model import AnswerLimits, parse_answer_limits
from server.connection.rules import ConnectionRules, parse_connection_rules
from server.rules.booking import BookingBook, load_booking_book
from server.rules.call_quality import CallQualityRules, parse_call_quality_rules
from server.rules.cases import load_case_rules, load_patient_rules
from server.rules.images import ImageBook, load_image_book
from server.rules.reports import load_queue_limits, load_report_rules
from server.rules.rooms import RoomBook, parse_room_book
from server.rules.viewing import ViewingRules, parse_viewing_rules
from server.terms import Terms, load_terms


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What the hospital may configure without touching code."""

    terms: Terms
    roles: RoleRules
    sign_in: SignInRules
    patients: PatientRules
    cases: CaseRules
    images: ImageBook
    queue: QueueLimits
    reports: Mapping[ServiceType, ReportRules]
    lesions: Lesions
    signing: SigningRules
    booking: BookingBook
    result_notice: NoticeWords
    retention: Retention
    dicom: AnswerLimits
    storage: StorageRules
    viewing: ViewingRules
    dispatch: DispatchRules
    notices: NoticeRules
    rooms: RoomBook
    ringing: RingRules
    call_quality: CallQualityRules
    connection: ConnectionRules
    screening: ListRules
    papers: PaperRules

    @property
    def second(self) -> SecondRules:
        """Which readings are read again; one set of rules for every service."""
        return self.reports[ServiceType.SCREENING_READ].second

    @property
    def own(self) -> OwnRules:
        """Where the requesting physician reads first; one set of rules for every service."""
        return self.reports[ServiceType.SCREENING_READ].own

    @property
    def alerts(self) -> AlertRules:
        """What raises an urgent alert, and how it goes on; one set of rules for every service."""
        return self.reports[ServiceType.SCREENING_READ].alerts

    @property
    def tellings(self) -> TellingRules:
        """How soon a patient is told; one set of rules for every service."""
        return self.after.tellings

    @property
    def after(self) -> AfterRules:
        """What follows a decision; one set of rules for every service."""
        return self.reports[ServiceType.SCREENING_READ].after


def load_rulebook(folder: Path) -> Rulebook:
    """Read and check the whole configuration; a malformed file stops the start."""
    return Rulebook(
        terms=load_terms(folder / "terms"),
        roles=parse_role_rules(read_toml(folder / "roles.toml")),
        sign_in=parse_sign_in_rules(read_toml(folder / "sign_in.toml")),
        patients=load_patient_rules(folder),
        cases=load_case_rules(folder),
        images=load_image_book(folder),
        queue=load_queue_limits(folder),
        reports=load_report_rules(folder),
        lesions=parse_lesions(read_toml(folder / "lesions.toml")),
        signing=parse_signing_rules(read_toml(folder / "signing.toml")),
        booking=load_booking_book(folder),
        result_notice=parse_notice_words(read_toml(folder / "result_notice.toml")),
        retention=parse_retention(read_toml(folder / "retention.toml")),
        connection=parse_connection_rules(read_toml(folder / "connection.toml")),
        dicom=parse_answer_limits(read_toml(folder / "dicom.toml")),
        storage=parse_storage_rules(read_toml(folder / "storage.toml")),
        viewing=parse_viewing_rules(read_toml(folder / "viewing.toml")),
        dispatch=parse_dispatch_rules(read_toml(folder / "dispatch.toml")),
        notices=parse_notice_rules(read_toml(folder / "notices.toml")),
        rooms=parse_room_book(read_toml(folder / "rooms.toml")),
        call_quality=parse_call_quality_rules(read_toml(folder / "call_quality.toml")),
        ringing=parse_ring_rules(read_toml(folder / "ringing.toml")),
        screening=parse_list_rules(read_toml(folder / "screening.toml")),
        papers=parse_paper_rules(read_toml(folder / "papers.toml")),
    )


def read_toml(path: Path) -> Mapping[str, Any]:
    """One file of the configuration."""
    return tomllib.loads(path.read_text(encoding="utf-8"))
