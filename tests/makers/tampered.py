"""An installation that somebody tampers with behind the server's back, and what verify says."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from consult.calendar.video import service_offer
from consult.cases import service as cases
from consult.cases.model import Case
from consult.journal import service as journal
from consult.journal.anchor import Anchor, format_anchor
from consult.kernel.work import Role, Work
from consult.people.patients import service as patients
from consult.referrals import service as referrals
from consult.referrals import service_calls, service_desk
from consult.referrals.calls import CallResult, Spoken
from consult.referrals.records import VisitOutcome
from consult.reports.own import service as own
from consult.reports.own.model import EyeSaid, Finding, Said
from consult.reports.seal import load_seal
from consult.rooms import minutes, service_stay
from consult.rooms import service as rooms
from consult.rooms.model import StayEnd
from consult.rooms.turns import service as turns
from server.anchors import FILE, append_line
from server.settings import Settings
from server.transactions import utc_now
from server.verification.findings import Findings
from server.verification.opened import opened
from server.verification.walk import verify
from tests.makers import exams
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.corrections import correct_patient, shown
from tests.makers.marks import draw, mark, pictures
from tests.makers.reports import report_rules
from tests.makers.rooms import call, come_in, talks
from tests.makers.rooms import let_in as let_in_room
from tests.makers.video_sessions import book_soon, video_rules
from tests.makers.world import World
from tests.makers.world_people import Side

TABLES = {
    "journal_entries": (
        *("position", "hash", "kind", "object_type", "object_id", "case_id", "patient_id"),
        *("practitioner_id", "institution_id", "session_id", "at", "reason", "codes", "words_hash"),
    ),
    "journal_detail": ("serial", "salt", "words"),
    "reports": (
        *("id", "case_id", "patient_id", "institution_id", "version", "status", "service_type"),
        *("author_id", "signed_at", "canonical", "sha256", "shown_sha256", "signature", "seal_id"),
    ),
    "report_marks": ("report_id", "case_id", "content"),
    "annotation_sheets": ("case_id", "reader_id", "revision", "saved_at", "sha256"),
    "annotation_revisions": ("case_id", "reader_id", "revision", "saved_at", "content"),
    "rooms": ("id", "case_id", "host_id", "opened_at", "ended_at", "how", "session_id"),
    "room_stays": (
        *("id", "room_id", "person_id", "institution_id", "device", "joined_at", "left_at", "how"),
    ),
    "own_readings": (
        *("case_id", "author_id", "institution_id", "eyes", "words", "was_blind", "locked_at"),
    ),
    "discussion_messages": (
        *("id", "case_id", "number", "thread_id", "first_id", "amends_id", "kind", "author_id"),
        *("institution_id", "sent_at", "content", "sha256"),
    ),
    "report_receipts": ("report_id", "case_id", "practitioner_id", "at"),
    "case_decisions": (
        *("case_id", "report_id", "practitioner_id", "choice", "reason", "next_step", "note"),
        "decided_at",
    ),
    "consents": (
        *(
            "patient_id",
            "case_id",
            "items",
            "scope",
            "signer",
            "method",
            "signed_on",
            "valid_until_on",
            "cost_fen",
            "relation",
            "signer_name",
            "text_version",
            "recorded_at",
            "recorded_by_id",
            "withdrawn_at",
            "withdrawn_reason",
        ),
    ),
    "image_corrections": (
        *(
            "id",
            "case_id",
            "image_id",
            "kind",
            "instance_id",
            "new_instance_id",
            "eye_before",
            "field_before",
            "by_id",
            "at",
        ),
    ),
    "recognitions": (
        *(
            "id",
            "case_id",
            "kind",
            "source_case_id",
            "source_institution_id",
            "taken_at",
            "offered_at",
            "used_at",
            "used_by",
        ),
    ),
    "repeats": (*("id", "case_id", "kind", "reason", "by_id", "said_at", "counted_at"),),
    "slots": (
        *(
            "id",
            "clinic_id",
            "physician_key",
            "physician_name",
            "starts_at",
            "ends_at",
            "turn",
            "status",
            "held_case_id",
            "held_until",
        ),
    ),
    "referrals": (
        *(
            "id",
            "number",
            "case_id",
            "live_case_id",
            "live_key",
            "patient_id",
            "report_id",
            "institution_id",
            "to_institution_id",
            "clinic_id",
            "specialty",
            "urgency",
            "reason",
            "assessment",
            "due_on",
            "status",
            "requested_by_id",
            "requested_at",
            "ended_at",
            "outcome",
            "revision",
        ),
    ),
    "appointments": (
        *(
            "id",
            "number",
            "referral_id",
            "case_id",
            "patient_id",
            "clinic_id",
            "slot_id",
            "physician_name",
            "starts_at",
            "ends_at",
            "turn",
            "status",
            "booked_by_id",
            "booked_at",
            "arrived_at",
        ),
    ),
    "referral_calls": (
        *(
            "id",
            "referral_id",
            "institution_id",
            "caller_id",
            "called_at",
            "whom",
            "result",
            "note",
        ),
    ),
    "instance_blobs": ("instance_id", "part", "key", "size_bytes", "sha256", "wrapped_key"),
}
"""What a flip may hit; what tells nothing is left out (a serial number, a decision's own id)."""

_TRIES = 1000


@dataclass(frozen=True)
class Tampered:
    """A data folder, and a hand in it."""

    folder: Path

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / "lianzhen.db"

    def copy_to(self, other: Path) -> "Tampered":
        """The same folder elsewhere; the database was closed, so its file is whole."""
        shutil.copytree(self.folder, other)
        return Tampered(other)

    def execute(self, *statements: str) -> None:
        """Change rows as an engineer with the file could."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            _take_guards_away(connection)
            for statement in statements:
                connection.execute(statement)

    def query(self, statement: str) -> list[Any]:
        """Look at rows."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def findings(self, *, is_quick: bool = False, copies: tuple[Path, ...] = ()) -> Findings:
        """What verify finds."""
        settings = Settings(data_dir=self.folder)
        with opened(settings, is_quick=is_quick, copies=copies) as checked:
            return verify(checked, progress=lambda *_: None)

    def anchor(self, clinic: Clinic) -> Anchor:
        """Anchor the present head, as the server does each minute."""
        position, line_hash = clinic.system(_head)
        seal = load_seal(self.folder / "keys")
        anchor = Anchor(utc_now(), position, line_hash)
        line = format_anchor(anchor, sign=seal.sign, seal_id=seal.id)
        append_line(self.folder / FILE, line)
        return anchor

    def blobs(self) -> list[Path]:
        """Every stored file."""
        return sorted((self.folder / "blobs").glob("[!.]*/*/*"))


def add_records(world: World) -> None:
    """A picture struck out, an exam used again, a call, a visit with its outcome.

    And a sheet of marks that was saved three times, and a reading of the physician's own.
    """
    near = world.consortium
    _draw_thrice(near, world.now.system(cases.get_case, case_id=world.things["case"]))
    lock_own(near, world.things["reported"])
    case = world.now.system(cases.get_case, case_id=world.things["amended"])
    correct_patient(near, case, shown(near, case)[:1], None)
    _recognise(near, world.now.system(cases.get_case, case_id=world.things["reported"]))
    _talk_and_book(near, world.now.system(cases.get_case, case_id=world.things["case"]))
    referral_id = world.things["referral"]
    world.now.do(
        near.physician,
        service_calls.log_call,
        referral_id=referral_id,
        whom=Spoken.PATIENT,
        result=CallResult.REACHED,
        note="患者按时前来",
    )
    desk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    visit = world.clinic.at(utc_now() + timedelta(days=2))
    for step, said in (
        (service_desk.mark_arrived, {}),
        (service_desk.record_outcome, {"outcome": VisitOutcome("左眼中度NPDR", "", "1 月后复查")}),
    ):
        found = visit.system(referrals.get_referral, referral_id=referral_id)
        visit.do(desk, step, referral_id=referral_id, revision=found.revision, **said)


def _talk_and_book(near: Consortium, case: Case) -> None:
    """A call that has ended, with who came and went; a booked session; days of leave."""
    room = call(near, case, near.physician)
    come_in(near, case, near.physician)
    let_in_room(near, case, near.expert, host=near.physician)
    stay = come_in(near, case, near.expert)
    near.clinic.system(service_stay.go, case_id=case.id, stay_id=stay, how=StayEnd.LEFT)
    _speak(near, case)
    near.clinic.do(
        near.physician,
        minutes.write_minutes,
        case_id=case.id,
        room_id=room.id,
        content="建议 1 月内复查",
        talks=talks(),
    )
    near.clinic.do(near.physician, rooms.end_room, case_id=case.id, talks=talks())
    starts_at = near.clinic.now + timedelta(hours=3)
    book_soon(near.clinic, case, expert=near.expert, doctor=near.physician, starts_at=starts_at)
    day = near.clinic.now.date() + timedelta(days=30)
    near.clinic.do(
        near.expert,
        service_offer.add_leave,
        day_from=day,
        day_until=day,
        reason="",
        rules=video_rules(),
    )


def _speak(near: Consortium, case: Case) -> None:
    """The expert raises her hand, gets the word and gives it back."""
    here = {"case_id": case.id, "talks": talks()}
    near.clinic.do(near.expert, turns.show_hand, raised=True, **here)
    near.clinic.do(near.physician, turns.give_word, person_id=near.expert.person, **here)
    near.clinic.do(near.expert, turns.show_hand, raised=False, **here)


def _draw_thrice(near: Consortium, case: Case) -> None:
    image_id = pictures(near, case, by=near.expert)[0].id
    for revision in range(3):
        marks = [mark(image_id, "point", points=[[2 + revision, 3]])]
        draw(near, case, by=near.expert, marks=marks, revision=revision)


def lock_own(near: Consortium, case_id: str) -> None:
    """The requesting physician's own reading of a case, by a rule that asks for one."""
    case = near.clinic.system(cases.get_case, case_id=case_id)
    shipped = report_rules(case.service_type).own
    near.clinic.do(
        near.physician,
        own.lock_reading,
        case_id=case_id,
        said=Said(EyeSaid(Finding.NORMAL, 0), None, "右眼未见异常"),
        rules=replace(shipped, on_for=frozenset({case.service_type})),
    )


def _recognise(near: Consortium, earlier: Case) -> None:
    """What was taken ten days ago is used again; a reason says why more is taken."""
    now = exams.days_after(near, 10)
    patient_id = earlier.patient_id
    patient = now.clinic.do(now.physician, patients.get_patient, patient_id=patient_id)
    case = exams.ask(now, patient)
    exams.use(now, case)
    exams.repeat(now, case)


def _take_guards_away(connection: sqlite3.Connection) -> None:
    """Whoever may write to the database may also drop what refuses it."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in found:
        text = name.decode() if isinstance(name, bytes) else name
        connection.execute(f"DROP TRIGGER {text}")


@contextmanager
def flipped_row(place: Tampered, seed: random.Random, table: str) -> Iterator[str]:
    """One byte of one value of one row is another one for the time of a block."""
    with closing(sqlite3.connect(place.database, isolation_level=None)) as connection:
        connection.text_factory = bytes
        _take_guards_away(connection)
        for _ in range(_TRIES):
            column = seed.choice(TABLES[table])
            rows = connection.execute(
                f"SELECT rowid, {column} FROM {table} WHERE length({column}) > 0"  # noqa: S608 - our names
            ).fetchall()
            if not rows:
                continue
            rowid, value = seed.choice(rows)
            is_text = connection.execute(
                f"SELECT typeof({column}) FROM {table} WHERE rowid = ?",  # noqa: S608 - our names
                (rowid,),
            ).fetchone() == (b"text",)
            holder = "CAST(? AS TEXT)" if is_text else "?"
            change = f"UPDATE {table} SET {column} = {holder} WHERE rowid = {{}}"  # noqa: S608
            try:
                other = _flip(value, seed)
                connection.execute(change.format("?"), (other, rowid))
            except sqlite3.IntegrityError:
                continue
            break
        else:
            raise AssertionError(f"{table} has nothing that could be changed")
        now = other if column == "serial" else rowid  # a whole-number key is the row's own number
        try:
            yield f"{table}.{column} of row {rowid}: {value!r} became {other!r}"
        finally:
            connection.execute(change.format("?"), (value, now))


@contextmanager
def flipped_file(path: Path, seed: random.Random) -> Iterator[str]:
    """One byte of a file is another one for the time of a block."""
    offset = seed.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(offset)
        before = file.read(1)
        file.seek(offset)
        file.write(_flip(before, seed))
    try:
        yield f"{path.name} at {offset}"
    finally:
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(before)


def _flip(value: bytes | int, seed: random.Random) -> bytes | int:
    if isinstance(value, int):
        return value ^ (1 << seed.randrange(16))
    place = seed.randrange(len(value))
    changed = bytearray(value)
    changed[place] ^= seed.randrange(1, 256)
    return bytes(changed)


def _head(work: Work) -> tuple[int, str]:
    return journal.head(work.session)
