"""What a signed-in browser is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.kernel.work import Actor

LONGEST_SESSION = timedelta(hours=12)
LONGEST_IDLE = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a session, the institution for which she acts, and how to greet her."""

    actor: Actor
    person_name: str
    person_name_en: str
    person_title: str
    institution_name: str
    institution_name_en: str
    institution_code: str
    zone: str
    language: str | None
    must_change_password: bool
    expires_at: datetime
