"""A destination: another system of a hospital to which reports go by themselves."""

import enum
import re
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from consult.kernel.errors import FieldProblem
from consult.kernel.ids import InstitutionId
from consult.studies.peers.model import is_host, problems_of_place

LONGEST_URL: Final = 400
LONGEST_TOKEN: Final = 4000
LONGEST_AUTHORITY: Final = 16_000

# RFC 6750 2.1, b64token: nothing in it can end the header.
_TOKEN: Final = re.compile(r"[0-9A-Za-z._~+/-]+=*")
# RFC 3986 3.2.2 and 3.3 without user, query and fragment; urlsplit alone forgives line breaks.
_URL: Final = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(:[0-9]{1,5})?(/[0-9A-Za-z._~!$&'()*+,;=:@%/-]*)?",
    re.IGNORECASE,
)


class DispatchWay(enum.StrEnum):
    """How objects go there: DICOMweb Store (PS3.18 10.5) or C-STORE (PS3.4 annex B)."""

    STOW = "stow"
    STORE = "c-store"


class DispatchScope(enum.StrEnum):
    """What goes there: all that a version leaves, or the paper and the structured report."""

    EVERYTHING = "everything"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class DestinationForm:
    """A destination as it was typed; nothing in it has been checked.

    An empty token leaves the stored one as it is, while the address stays the same.
    """

    institution_id: str
    name: str
    way: DispatchWay
    scope: DispatchScope = DispatchScope.EVERYTHING
    url: str = ""
    token: str = field(default="", repr=False)
    authority: str = ""
    host: str = ""
    port: int | None = None
    called: str = ""
    calling: str = ""
    over_tls: bool = False
    certificate: str = ""
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """How it goes with the connection to a destination.

    `tries` failed one after the other since `failing_since`, the last with `failure`; nothing is
    tried before `rests_until`. `tried` is what an administrator's try at `tried_at` found.
    """

    tries: int = 0
    rests_until: datetime | None = None
    failing_since: datetime | None = None
    failure: str = ""
    sent_at: datetime | None = None
    tried_at: datetime | None = None
    tried: str = ""


@dataclass(frozen=True, slots=True)
class Destination:
    """A system that an administrator entered; `authority` (PEM) is trusted for it alone."""

    id: str
    institution_id: InstitutionId
    name: str
    way: DispatchWay
    scope: DispatchScope
    url: str
    has_token: bool
    authority: str
    host: str
    port: int
    called: str
    calling: str
    over_tls: bool
    certificate: str
    is_on: bool
    added_at: datetime
    revision: int
    line: Line


def problems_of(form: DestinationForm) -> list[FieldProblem]:
    """Every field that cannot be used."""
    return _problems_of_web(form) if form.way is DispatchWay.STOW else _problems_of_network(form)


def _problems_of_web(form: DestinationForm) -> list[FieldProblem]:
    found = []
    if not is_address(form.url):
        found.append(FieldProblem("url", "destination-url"))
    if form.token and (len(form.token) > LONGEST_TOKEN or _TOKEN.fullmatch(form.token) is None):
        found.append(FieldProblem("token", "destination-token"))
    if form.authority and not is_authority(form.authority):
        found.append(FieldProblem("authority", "destination-authority"))
    return found


def _problems_of_network(form: DestinationForm) -> list[FieldProblem]:
    found = problems_of_place(
        title=form.called, host=form.host, port=form.port, certificate=form.certificate
    )
    named = [
        FieldProblem("called", "peer-title") if each.field == "title" else each for each in found
    ]
    if form.calling and problems_of_place(title=form.calling, host="a", port=1):
        named.append(FieldProblem("calling", "peer-title"))
    if form.over_tls and not form.certificate:  # any machine of the authority's would do without
        named.append(FieldProblem("certificate", "destination-certificate"))
    return named


def is_address(url: str) -> bool:
    """Whether it is the root of a service by TLS; without TLS only one on this very machine."""
    if len(url) > LONGEST_URL or _URL.fullmatch(url) is None:
        return False
    try:
        told = urlsplit(url)
        host = (told.hostname or "").removesuffix(".")
        return told.port != 0 and is_host(host) and _is_guarded(told)
    except ValueError:
        return False


def _is_guarded(told: SplitResult) -> bool:
    if told.scheme == "https":
        return True
    try:
        return told.scheme == "http" and ip_address(told.hostname or "").is_loopback
    except ValueError:
        return False


def is_authority(text: str) -> bool:
    """Whether this is PEM of one certificate or more (RFC 7468)."""
    if len(text) > LONGEST_AUTHORITY:
        return False
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError, TypeError):  # TypeError: letters that no PEM has
        return False
    return True
