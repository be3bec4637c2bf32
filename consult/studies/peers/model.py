"""A machine of the DICOM network that may come in: a camera, a workstation, another archive."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Final

from consult.kernel.errors import FieldProblem
from consult.kernel.ids import InstitutionId
from consult.kernel.rules import RuleTable

# PS3.5 6.2, AE: at most 16 characters, no backslash and no control character.
_TITLE: Final = re.compile(r"[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?")
_LABEL: Final = re.compile(r"[0-9A-Za-z_]([0-9A-Za-z_-]{0,61}[0-9A-Za-z_])?")
_LONGEST_HOST: Final = 253
_NAME: Final = re.compile(r"[!-~]([ -~]{0,251}[!-~])?")
_PORTS: Final = range(1, 65536)


class Charset(StrEnum):
    """In which characters a peer is answered (PS3.3 C.12.1.1.2)."""

    UTF_8 = "ISO_IR 192"
    GB18030 = "GB18030"


@dataclass(frozen=True, slots=True)
class PeerForm:
    """A peer as it was typed; nothing in it has been checked."""

    institution_id: str
    title: str
    network: str = ""
    host: str = ""
    port: int | None = None
    may_store: bool = True
    may_query: bool = False
    charset: Charset = Charset.UTF_8
    over_tls: bool = False
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer that may come in as `title` from `network`, and is reached at `host` and `port`.

    `certificate` is a name that must stand in its certificate, where it comes and where it is
    called; `over_tls` that it is called by TLS.
    """

    id: str
    institution_id: InstitutionId
    title: str
    network: str
    host: str
    port: int | None
    may_store: bool
    may_query: bool
    charset: Charset
    added_at: datetime
    over_tls: bool = False
    certificate: str = ""

    def comes_from(self, address: str, names: frozenset[str]) -> bool:
        """Whether it is this peer that comes from there with these names in its certificate.

        A title is no secret: a peer is known by its network, by its certificate, or by both.
        """
        if self.certificate and self.certificate.casefold() not in names:
            return False
        if not self.network:
            return bool(self.certificate)
        try:
            return ip_address(address) in ip_network(self.network, strict=False)
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """How much is answered to one question (config/dicom.toml)."""

    most_matches: int
    most_retrieved: int


def parse_answer_limits(mapping: Mapping[str, object]) -> AnswerLimits:
    """The bounds of answers in config/dicom.toml."""
    table = RuleTable(mapping)
    return AnswerLimits(
        most_matches=table.whole("most_matches", lowest=1),
        most_retrieved=table.whole("most_retrieved", lowest=1),
    )


def problems_of(form: PeerForm) -> list[FieldProblem]:
    """Every field that cannot be used."""
    found = []
    if _TITLE.fullmatch(form.title) is None:
        found.append(FieldProblem("title", "peer-title"))
    if form.certificate and _NAME.fullmatch(form.certificate) is None:
        found.append(FieldProblem("certificate", "peer-certificate"))
    if not (form.network or form.certificate):
        found.append(FieldProblem("network", "peer-network-needed"))
    elif form.network and not _is_network(form.network):
        found.append(FieldProblem("network", "peer-network"))
    found += _problems_of_place(form)
    if not (form.may_store or form.may_query):
        found.append(FieldProblem("may_store", "peer-idle"))
    return found


def problems_of_place(
    *, title: str, host: str, port: int | None, certificate: str = ""
) -> list[FieldProblem]:
    """What is wrong with a machine that we call: it must have a title, a host and a port."""
    form = PeerForm("", title, network="::1", host=host, port=port, certificate=certificate)
    found = problems_of(form)
    return found if host else [*found, FieldProblem("host", "peer-host")]


def _problems_of_place(form: PeerForm) -> list[FieldProblem]:
    """What is wrong with where it listens."""
    found = []
    if form.host and not is_host(form.host):
        found.append(FieldProblem("host", "peer-host"))
    if bool(form.host) != (form.port is not None):
        found.append(FieldProblem("port", "peer-half"))
    elif form.port is not None and form.port not in _PORTS:
        found.append(FieldProblem("port", "peer-port"))
    if form.over_tls and not form.host:
        found.append(FieldProblem("host", "peer-host-needed"))
    return found


def is_host(text: str) -> bool:
    """Whether it is an address, or a name that can be asked for (RFC 1123 2.1, and underlines)."""
    try:
        ip_address(text)
    except ValueError:
        *_, last = labels = text.split(".")
        is_name = all(_LABEL.fullmatch(each) for each in labels) and not last.isdecimal()
        return is_name and len(text) <= _LONGEST_HOST
    return True


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
