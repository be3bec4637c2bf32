"""What the locked screen is told."""

from pydantic import BaseModel


class Here(BaseModel):
    """Heard."""


class Unlocked(BaseModel):
    """The page goes on under this token; it is another one where the session is another."""

    csrf_token: str
