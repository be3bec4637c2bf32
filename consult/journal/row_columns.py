"""Of which columns a row's likeness is made, per table and version (decision 0144).

A version that was ever told of is never changed: lines of the journal rest on it. A migration that
adds a column to such a table adds a version here, and rows are told of by the newest from then on.
"""

from collections.abc import Mapping
from typing import Final

FIRST: Final = "1"
"""The version of lines that name none."""

COLUMNS: Final[dict[str, Mapping[str, tuple[str, ...]]]] = {
    "consents": {
        FIRST: (
            *("id", "patient_id", "case_id", "items", "scope", "signer", "method", "signed_on"),
            *("valid_until_on", "cost_fen", "relation", "signer_name", "signer_document_sealed"),
            *("power_of_attorney", "witness_name", "adult_reason", "text_version", "recorded_at"),
            *("recorded_by_id", "withdrawn_at", "withdrawn_reason"),
        ),
    },
    "image_corrections": {
        FIRST: (
            *("id", "case_id", "image_id", "kind", "instance_id", "new_instance_id"),
            *("eye_before", "field_before", "eye_after", "field_after", "to_case_id"),
            *("to_image_id", "by_id", "at"),
        ),
    },
    "recognitions": {
        FIRST: (
            *("id", "case_id", "kind", "source_case_id", "source_institution_id", "taken_at"),
            *("offered_at", "used_at", "used_by", "ended_at", "ended_why"),
        ),
    },
    "repeats": {
        FIRST: (*("id", "case_id", "kind", "reason", "note", "by_id", "said_at", "counted_at"),),
    },
    "slots": {
        FIRST: (
            *("id", "clinic_id", "physician_key", "physician_id", "physician_name", "starts_at"),
            *("ends_at", "turn", "status", "held_case_id", "held_until"),
        ),
    },
    "referrals": {
        FIRST: (
            *("id", "number", "case_id", "live_case_id", "live_key", "patient_id", "report_id"),
            *("institution_id", "to_institution_id", "clinic_id", "specialty", "urgency"),
            *("reason", "assessment", "due_on", "status", "requested_by_id", "requested_at"),
            *("ended_at", "end_reason", "outcome", "requeued_at", "requeued_because"),
            *("was_booked_at", "answer_by", "escalated_at", "revision"),
        ),
        "2": (
            *("id", "number", "case_id", "live_case_id", "live_key", "patient_id", "report_id"),
            *("institution_id", "to_institution_id", "clinic_id", "specialty", "urgency"),
            *("reason", "assessment", "due_on", "status", "requested_by_id", "requested_at"),
            *("ended_at", "end_reason", "outcome", "requeued_at", "requeued_because"),
            *("was_booked_at", "answer_by", "escalated_at", "accepted_at", "triage"),
            *("triage_note", "triaged_at", "revision"),
        ),
    },
    "appointments": {
        FIRST: (
            *("id", "number", "referral_id", "case_id", "patient_id", "clinic_id", "slot_id"),
            *("live_slot_id", "live_referral_id", "physician_id", "physician_name", "starts_at"),
            *("ends_at", "turn", "place", "ticket", "status", "booked_by_id", "booked_at"),
            *("arrived_at", "ended_reason"),
        ),
    },
    "referral_calls": {
        FIRST: (
            *("id", "referral_id", "institution_id", "caller_id", "called_at", "whom", "result"),
            *("note",),
        ),
    },
    "salvages": {
        FIRST: (
            *("id", "referral_id", "live_referral_id", "appointment_id", "case_id", "patient_id"),
            *("institution_id", "owner_id", "opened_at", "due_on", "outcome", "note"),
            *("closed_at", "closed_by_id", "revision"),
        ),
    },
    "urgent_alerts": {
        FIRST: (
            *("id", "case_id", "live_case_id", "number", "patient_id", "report_id"),
            *("institution_id", "owner_id", "raised_at", "rules", "step", "next_at", "state"),
            *("ended_at", "ended_by_id", "contact", "note", "revision"),
        ),
    },
    "urgent_alert_steps": {
        FIRST: (*("id", "alert_id", "step", "part", "person_id", "at"),),
    },
    "urgent_alert_calls": {
        FIRST: (
            *("id", "alert_id", "institution_id", "caller_id", "called_at", "whom", "result"),
            *("spoken_to", "note"),
        ),
    },
    "tellings": {
        FIRST: (
            *("id", "case_id", "live_case_id", "number", "patient_id", "report_id"),
            *("institution_id", "owner_id", "kind", "opened_at", "due_on", "rules", "state"),
            *("way", "reason", "risk", "ended_at", "ended_by_id", "revision"),
        ),
    },
    "recalls": {
        FIRST: (
            *("id", "case_id", "live_key", "number", "patient_id", "report_id", "institution_id"),
            *("service_type", "made_at", "signed_on", "months", "track", "due_on", "basis"),
            *("rules", "state", "reason", "ended_at", "ended_by_id", "revision"),
        ),
    },
    "patient_calls": {
        FIRST: (
            *("id", "task_id", "institution_id", "caller_id", "called_at", "whom", "result"),
            *("note",),
        ),
    },
    "room_minutes": {
        FIRST: (*("id", "room_id", "number", "author_id", "written_at", "content"),),
    },
    "room_words": {
        FIRST: (*("id", "room_id", "person_id", "institution_id", "said_at", "text"),),
    },
    "room_turns": {
        FIRST: (
            *("id", "room_id", "person_id", "institution_id", "raised_at", "given_at"),
            *("ended_at", "how"),
        ),
    },
    "room_present": {
        FIRST: (
            *("id", "room_id", "said_by", "institution_id", "who", "name", "identity", "said_at"),
            *("gone_at",),
        ),
    },
    "telephone_consults": {
        FIRST: (
            *("id", "case_id", "author_id", "institution_id", "why", "with_id", "with_name"),
            *("spoken_at", "result", "written_at"),
        ),
    },
    "room_recording_holds": {
        FIRST: (
            *("id", "case_id", "live_key", "institution_id", "reason", "held_by_id", "held_at"),
            *("lifted_by_id", "lifted_at"),
        ),
    },
    "video_windows": {
        FIRST: (
            *("id", "expert_id", "institution_id", "day_from", "day_until", "weekdays", "start"),
            *("end", "minutes", "added_at", "ended_at"),
        ),
    },
    "video_leaves": {
        FIRST: (
            *("id", "expert_id", "institution_id", "day_from", "day_until", "added_at"),
            *("ended_at",),
        ),
        "2": (
            *("id", "expert_id", "institution_id", "day_from", "day_until", "added_at"),
            *("ended_at", "substitute_id"),
        ),
    },
    "video_sessions": {
        FIRST: (
            *("id", "case_id", "live_case_id", "case_number", "expert_id", "doctor_id"),
            *("institution_id", "invited_institution_id", "window_id", "starts_at", "ends_at"),
            *("status", "sequence", "reason", "act", "acted_by", "booked_at", "changed_at"),
            *("reminded", "revision"),
        ),
    },
}
"""Every table of which the journal tells rows, its versions in the order they were made."""
