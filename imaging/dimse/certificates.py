"""Names in the certificate of a peer (PS3.15 B.9): the subject's, and the alternative ones."""

from collections.abc import Iterator, Mapping
from typing import Any


def names_in(certificate: Mapping[str, Any] | None) -> frozenset[str]:
    """Every name as it is written, whatever its case; none without a certificate."""
    return frozenset(name.casefold() for name in _names(certificate or {}))


def _names(certificate: Mapping[str, Any]) -> Iterator[str]:
    for part in certificate.get("subject", ()):
        yield from (value for key, value in part if key == "commonName")
    for kind, value in certificate.get("subjectAltName", ()):
        if kind in {"DNS", "IP Address", "URI", "email"}:
            yield str(value)
