"""What may be done, by which role, and to what."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from consult.kernel.errors import RefusedError
from consult.kernel.work import Actor, Role

FOR_PICTURES: Final = "recognition:"
"""How a grant's reason begins that opens a study for its pictures alone."""


class Action(enum.StrEnum):
    """Everything that a door can ask leave for; config/roles.toml gives them to roles."""

    ADMINISTER_INSTALLATION = "administer_installation"
    ADMINISTER_CONSORTIUM = "administer_consortium"
    SEE_DIRECTORY = "see_directory"
    SEE_PATIENT = "see_patient"
    SEE_NAME = "see_name"
    REGISTER_PATIENT = "register_patient"
    SEE_CASE = "see_case"
    PREPARE_CASE = "prepare_case"
    SUBMIT_CASE = "submit_case"
    WITHDRAW_CASE = "withdraw_case"
    SEE_IMAGE = "see_image"
    CORRECT_IMAGE = "correct_image"
    SEE_WORKLIST = "see_worklist"
    CLAIM_CASE = "claim_case"
    RETURN_CASE = "return_case"
    FORWARD_CASE = "forward_case"
    WRITE_REPORT = "write_report"
    SIGN_REPORT = "sign_report"
    SEE_REPORT = "see_report"
    RECEIVE_REPORT = "receive_report"
    DECIDE_CASE = "decide_case"
    SEE_SLOTS = "see_slots"
    PUBLISH_SLOTS = "publish_slots"
    BOOK_SLOT = "book_slot"
    SEE_REFERRAL = "see_referral"
    ARRANGE_REFERRAL = "arrange_referral"
    RUN_REFERRAL_DESK = "run_referral_desk"
    FOLLOW_UP_MISSED = "follow_up_missed"
    SEE_JOURNAL = "see_journal"
    EXPORT_DOSSIER = "export_dossier"
    DOWNLOAD_ORIGINAL = "download_original"
    EXPORT_MARKS = "export_marks"
    OPEN_IN_EMERGENCY = "open_in_emergency"
    READ_DISCUSSION = "read_discussion"
    JOIN_DISCUSSION = "join_discussion"
    CALL_ON_CASE = "call_on_case"
    ENTER_ROOM = "enter_room"
    SHOW_IMAGE = "show_image"
    WRITE_OWN_READING = "write_own_reading"
    SEE_TRAINING = "see_training"
    SEE_SCHEDULE = "see_schedule"
    OFFER_SESSION = "offer_session"
    KEEP_ROSTER = "keep_roster"
    KEEP_DUTY_PHONES = "keep_duty_phones"
    BOOK_SESSION = "book_session"
    SEE_ALERT = "see_alert"
    ANSWER_ALERT = "answer_alert"
    TELL_PATIENT = "tell_patient"
    SEE_FIGURES = "see_figures"
    TAKE_FIGURES = "take_figures"


class ObjectType(enum.StrEnum):
    """What custody and grants are kept for."""

    CONSORTIUM = "consortium"
    PANEL = "panel"
    AGREEMENT = "agreement"
    INSTITUTION = "institution"
    PRACTITIONER = "practitioner"
    PATIENT = "patient"
    STUDY = "study"
    UPLOAD = "upload"
    CASE = "case"
    REPORT = "report"
    CLINIC = "clinic"
    REFERRAL = "referral"
    APPOINTMENT = "appointment"
    OVERSIGHT = "oversight"


class Party(enum.StrEnum):
    """Who can hold an object or be granted it."""

    INSTITUTION = "institution"
    CONSORTIUM = "consortium"
    PRACTITIONER = "practitioner"
    EMERGENCY = "emergency"
    """One person, for reading only (ID-11)."""


@dataclass(frozen=True, slots=True)
class Ref:
    """One object."""

    type: ObjectType
    id: str


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Which role may do what (config/roles.toml)."""

    actions: Mapping[Role, frozenset[Action]]

    def permits(self, actor: Actor, action: Action) -> bool:
        """Whether any role in which the actor acts includes this act."""
        return any(action in self.actions.get(role, frozenset()) for role in actor.roles)


def parse_role_rules(document: Mapping[str, object]) -> RoleRules:
    """Roles and their actions from the configuration; an unknown or missing word is refused."""
    table = document.get("roles")
    if not isinstance(table, Mapping):
        raise RefusedError("rules-malformed", field="roles")
    try:
        actions = {
            Role(role): frozenset(Action(word) for word in words) for role, words in table.items()
        }
    except ValueError as error:
        raise RefusedError("rules-malformed", field="roles") from error
    if set(actions) != set(Role):
        raise RefusedError("rules-malformed", field="roles")
    return RoleRules(actions)
