"""The patient that a DICOM header names, sealed: it may be anybody."""

import json

from consult.kernel.keys import Vault
from consult.studies.model import Description

_NAMED = "instances.named"


def seal_named(vault: Vault, told: Description) -> bytes | None:
    """The sealed name and number; None where the header names nobody."""
    if not (told.named_name or told.named_number):
        return None
    text = json.dumps([told.named_name, told.named_number], ensure_ascii=False)
    return vault.seal(text, purpose=_NAMED)


def open_named(vault: Vault, sealed: bytes | None) -> tuple[str, str]:
    """Name and number again, empty where there are none."""
    if sealed is None:
        return "", ""
    name, number = json.loads(vault.open(sealed, purpose=_NAMED))
    return str(name), str(number)
