"""Who may do what to whose: one expectation for each door, role and place, derived from custody.

The only knowledge beside the doors themselves: where a door's object stands when it is not in the
path, which steps belong to one side alone, and what an installation's administrator reaches.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from consult.access.model import RoleRules, parse_role_rules
from consult.kernel.work import Role
from server.doors import Door
from server.routes import ALL
from tests.makers.asking import parameters_of
from tests.makers.rulebooks import read_config
from tests.makers.world import World
from tests.makers.world_people import Person, Side


class Expected(enum.StrEnum):
    """What a cell must answer."""

    REFUSED = "refused"  # 403 role-not-allowed
    MISSING = "missing"  # 404, exactly as for an id that does not exist
    OPEN = "open"  # anything that is no refusal of the person


HOLDER: Mapping[str, frozenset[Side]] = {
    "patient": frozenset({Side.HOME}),
    "case": frozenset({Side.HOME}),
    "image": frozenset({Side.HOME}),
    "draft": frozenset({Side.HOME}),
    "upload": frozenset({Side.HOME}),
    "consent": frozenset({Side.HOME}),
    "study_uid": frozenset({Side.HOME}),
    "series_uid": frozenset({Side.HOME}),
    "sop_uid": frozenset({Side.HOME}),
    "institution_code": frozenset({Side.HOME}),
    "machine": frozenset({Side.HOME}),
    "destination": frozenset({Side.HOME}),
    "referral": frozenset({Side.HOME}),
    "appointment": frozenset({Side.HOME}),
    "institution": frozenset({Side.HOME}),
    "practitioner": frozenset({Side.HOME}),
    "affiliation": frozenset({Side.HOME}),
    "report": frozenset({Side.LEAD}),
    "clinic": frozenset({Side.LEAD}),
    "slot": frozenset({Side.LEAD}),
    "consortium": frozenset({Side.HOME, Side.LEAD}),
    "panel": frozenset({Side.HOME, Side.LEAD}),
    "agreement": frozenset({Side.HOME, Side.LEAD}),
}
"""Whose each kind of thing is; the other of HOME and LEAD was granted it, AWAY never."""

ROOTS = {"institution_code"}
"""What stands in front of every address of an image: the thing comes behind it."""

PRIVATE = {"draft", "upload", "consent"}
"""What nobody was granted."""

ADMINISTERED = {
    *("consortium", "panel", "agreement", "institution", "practitioner", "affiliation", "machine"),
    "destination",
}
"""What an installation's administrator reaches wherever it is."""

ELSEWHERE: Mapping[str, str] = {
    "cases.new": "patient",
    "cases.open_case": "patient",
    "uploads.create": "draft",
    "received.discard": "upload",
    "agreements.add": "consortium",
    "panels.add": "consortium",
    "people.add": "institution",
    "machines.add": "institution",
    "receipts.receive": "report",
    "tellings.tell_together": "case",
    "stow.store": "institution_code",
    "stow.store_in_study": "institution_code",
}
"""Doors whose object stands in the query, the body or a header."""

ASKS_ALL = {
    *("qido.studies", "qido.series", "qido.instances", "qido.study_instances"),
    *("qido.all_series", "qido.all_instances", "stow.store_acting", "stow.store_in_study_acting"),
    *("qido.studies_acting", "qido.series_acting", "qido.instances_acting"),
    *("qido.study_instances_acting", "qido.all_series_acting", "qido.all_instances_acting"),
}
"""Doors that find nothing rather than refuse: what they find is each one's own."""

CUSTODIAN_ONLY = {
    "advance.submit",
    "advance.call_off",
    "alerts.confirm",
    "tellings.show",
    "tellings.outcome",
    "tellings.log_call",
    "tellings.take",
    "tellings.tell_together",
    *("recalls.show", "recalls.log_call", "recalls.change_track", "recalls.opt_out"),
    *("result_notices.print_one", "result_notices.download_one", "result_notices.read_aloud"),
    "case_images.index",
    "case_images.mark",
    "case_images.confirm",
    "case_images.confirm_one",
    "case_images.answer_question",
    "asked_files.leave_out",
    "case_images.settle",
    "case_images.excuse",
    "case_images.drop_excuse",
    "kept_images.keep",
    "case_images.remove",
    "case_images.move",
    "corrections.correct_eye",
    "corrections.correct_patient",
    "booking.book",
    "booking.close",
    "booking.hold",
    "booking.refer",
    "booking.end_before",
    "booking.show",
    "cases.new",
    "cases.open_case",
    "cases.save_answers",
    "cases.submit",
    "cases.override_priority",
    "cases.change_service",
    "cases.cancel",
    "cases.withdraw",
    "consents.record",
    *("screening.begin", "screening.take_off"),
    *("papers.make_link", "papers.end_link", "papers.send", "papers.remove"),
    *("exams.index", "exams.use", "exams.give_up", "exams.repeat"),
    "first_looks.look",
    "own_readings.lock",
    "patients.edit",
    *("cameras.index", "cameras.direct", "cameras.release", "received.take_pictures"),
    "received.assign",
    "received.choose",
    "patients.update",
    "patients.settle",
    "reports.decide",
    "routing.say_hub_reason",
    "slots.change_clinic",
    "salvages.outcome",
    "salvages.show",
    "salvages.take",
    "slots.publish",
    "slots.stop",
    "slots.withdraw",
    "video_sessions.book",
    *("frames.frames_acting", "frames.bulk_acting"),
    *("metadata.study_acting", "metadata.series_acting", "metadata.instance_acting"),
    *("retrieve.study_acting", "retrieve.series_acting", "retrieve.instance_acting"),
    *("stow.store", "stow.store_in_study"),
    "wado.rendered_acting",
    "wado.thumbnail_acting",
    *("rendered.frames_acting", "rendered.study_acting", "rendered.series_acting"),
}
"""Steps that only the side takes whose the thing is."""

GRANTEE_ONLY = {
    "desk.arrived",
    "desk.book",
    "desk.noshow",
    "desk.outcome",
    "desk.write_back",
    "referral_triage.accept",
    "referral_triage.redirect",
    "referral_triage.upgrade",
    "reports.receive",
    "receipts.receive",
}
"""Steps that only the other side takes."""

OF_ITS_SIDE = {
    "referrals.ask_again",
    "referrals.cancel_booking",
    "referrals.confirm",
    "referrals.end",
    "referrals.hold",
    "referrals.log_call",
    "referrals.release",
}
"""Steps that both sides take through one door: who asked, and the office that was asked."""

STANDS_AT: Mapping[Role, Side] = {
    Role.REQUESTING_PHYSICIAN: Side.HOME,
    Role.REFERRAL_DESK: Side.LEAD,
}
"""Where these roles take such a step."""

MISSING_FOR_ALL = {
    *("setup.show", "setup.set_up", "emergencies.review"),
    *("oidc.leave", "oidc.ask_again", "oidc.come_back", "oidc.hear_sign_out"),
    *("phrases.change", "phrases.remove"),
    *("notices.remove", "rosters.end_day", "duty_phones.end"),
    *("second_readings.show", "second_readings.read"),
    *("priors.open_one", "priors.registration"),
    *("schedule.end_window", "schedule.end_leave", "schedule.feed"),
    *("playback.show", "playback.play", "playback.shown", "playback.download", "joined.download"),
    *("mixed.download", "papers.remove"),
    *("result_notices.download_all", "result_notices.download_chosen"),
}
"""Set-up is over, nobody has opened a case in an emergency, there is no identity provider, nobody
has a phrase or a way of notices of her own, no case was read twice, no patient has an earlier
exam, nobody offers video consultations, no roster has a day that differs, no duty
telephone is entered, no call was kept, no consent was photographed, and no notice of a patient
waits."""


@dataclass(frozen=True)
class Cell:
    """One door, asked by one role at one place."""

    door: Door
    role: Role
    side: Side
    expected: Expected

    def __str__(self) -> str:
        return f"{self.door.method} {self.door.path} as {self.role} at {self.side}"


@cache
def role_rules() -> RoleRules:
    """Which role may do what in config/."""
    return parse_role_rules(read_config("roles.toml"))


def all_doors() -> list[Door]:
    """Every door of the house."""
    return [door for routes in ALL for door in routes.doors]


def thing_of(door: Door) -> str | None:
    """Which thing the door is about."""
    if door.name in ASKS_ALL:
        return None
    if door.name in ELSEWHERE:
        return ELSEWHERE[door.name]
    named = [name for name in parameters_of(door) if name in HOLDER and name not in ROOTS]
    if door.owns is not None:
        return str(door.owns)
    return named[-1] if named else None


def make_cells() -> Iterator[Cell]:
    """Every signed-in cell of the matrix."""
    rules = role_rules()
    for door in all_doors():
        for role in Role:
            for side in Side:
                yield Cell(door, role, side, _expect(rules, door, role, side))


def somebody(world: World, door: Door) -> Person:
    """Whoever may take this door, on the side that the thing belongs to."""
    rules = role_rules()
    role = next(role for role in Role if _permits(rules, door, role))
    sides = HOLDER.get(thing_of(door) or "", frozenset(Side))
    if door.name in GRANTEE_ONLY:
        sides = frozenset({Side.HOME, Side.LEAD}) - sides
    return world.person(max(sides), role)


def _expect(rules: RoleRules, door: Door, role: Role, side: Side) -> Expected:
    if not _permits(rules, door, role):
        return Expected.REFUSED
    thing = thing_of(door)
    if door.name in OF_ITS_SIDE:
        return Expected.OPEN if STANDS_AT.get(role) is side else Expected.MISSING
    if door.name in MISSING_FOR_ALL:
        return Expected.MISSING
    if thing is None or (role is Role.ADMINISTRATOR and thing in ADMINISTERED):
        return Expected.OPEN
    return Expected.OPEN if _reaches(door, thing, side) else Expected.MISSING


def _permits(rules: RoleRules, door: Door, role: Role) -> bool:
    return door.action is None or {door.action, *door.needs} <= rules.actions[role]


def _reaches(door: Door, thing: str, side: Side) -> bool:
    if side is Side.AWAY:
        return False
    if side in HOLDER[thing]:
        return door.name not in GRANTEE_ONLY
    return thing not in PRIVATE and door.name not in CUSTODIAN_ONLY
