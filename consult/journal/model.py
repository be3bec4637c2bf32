"""What a numbered journal line is, and how its place in the chain is computed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consult.kernel.errors import Fact

FIRST_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered entry as readers see it."""

    position: int
    hash: str
    kind: str
    object_type: str
    object_id: str
    at: datetime
    practitioner_id: str | None
    institution_id: str | None
    session_id: str | None
    case_id: str | None
    patient_id: str | None
    reason: str | None
    codes: Mapping[str, Fact]
    words_hash: str | None
    words: Mapping[str, str] = field(default_factory=dict)


def hash_of_words(words: Mapping[str, str], salt: bytes) -> str:
    """SHA-256 of the salt and the canonical JSON of the words."""
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(salt + text.encode()).hexdigest()


def hash_of_line(previous: str, line: Line) -> str:
    """SHA-256 over the previous hash and every chained field of the line."""
    chained = {
        "previous": previous,
        "position": line.position,
        "kind": line.kind,
        "object": [line.object_type, line.object_id],
        "at": line.at.isoformat(),
        "by": [line.practitioner_id, line.institution_id, line.session_id],
        "about": [line.case_id, line.patient_id],
        "reason": line.reason,
        "codes": dict(line.codes),
        "words": line.words_hash,
    }
    text = json.dumps(chained, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
