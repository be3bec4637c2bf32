"""Session descriptions as text: what is refused before aiortc reads it, and what we change in ours.

A description is a stranger's: it is bounded, and names no host to look up, before it is parsed.
"""

import ipaddress
import re
from typing import Final

from server.media.engine import TWCC
from server.media.errors import RoomRefusal
from server.media.limits import RoomRules

_SECTION: Final = re.compile(r"^m=([a-z]+) ", re.MULTILINE)
_CANDIDATE: Final = re.compile(r"^a=candidate:[^\n]*\n?", re.MULTILINE)
_END: Final = re.compile(r"^a=end-of-candidates\r?\n?", re.MULTILINE)
_OPUS: Final = re.compile(r"(a=rtpmap:(\d+) opus/48000/2\r\n)")
_KINDS: Final = frozenset({"audio", "video"})
_HOST, _LEAST_PARTS = 4, 8  # RFC 8839 section 5.1
_LONGEST_LINE: Final = 4096


def check_description(text: object, rules: RoomRules) -> str:
    """The text, without candidates that we shall not try; raises RoomRefusal."""
    if not isinstance(text, str) or not text.isascii():
        raise RoomRefusal("description-malformed")
    if len(text) > rules.longest_sdp_bytes or max(map(len, text.split("\n"))) > _LONGEST_LINE:
        raise RoomRefusal("description-too-long")
    kinds = _SECTION.findall(text)
    if not kinds or not set(kinds) <= _KINDS:
        raise RoomRefusal("description-malformed")
    if len(kinds) > rules.most_sections:
        raise RoomRefusal("too-many-sections")
    found = _CANDIDATE.findall(text)
    if len(found) > rules.most_candidates * len(kinds):
        raise RoomRefusal("too-many-candidates")
    # more candidates may follow, and a peer behind a name is known by its own check
    return _END.sub("", _CANDIDATE.sub(_keep_candidate, text))


def is_candidate_tried(line: str) -> bool:
    """Whether it is an address, by UDP: names are not looked up, and TCP is not spoken."""
    parts = line.split()
    if len(parts) < _LEAST_PARTS or parts[2].lower() != "udp":
        return False
    try:
        ipaddress.ip_address(parts[_HOST])
    except ValueError:
        return False
    return True


def _keep_candidate(found: re.Match[str]) -> str:
    return found[0] if is_candidate_tried(found[0]) else ""


def ask_for_sound(text: str) -> str:
    """Our answer, asking that lost sound be sent again: aiortc repeats only what was offered."""
    return _OPUS.sub(r"\1a=rtcp-fb:\2 nack\r\n", text)


def without_times(text: str) -> str:
    """Our offer, not asking for arrival times: we do not heed them."""
    kept = (
        line
        for line in text.splitlines(keepends=True)
        if TWCC not in line and "transport-cc" not in line
    )
    return "".join(kept)


def advertise(text: str, *, private: str, public: str) -> str:
    """Behind 1:1 NAT: the address by which we are reached instead of our own."""
    if not public or public == private:
        return text
    return text.replace(f" {private} ", f" {public} ").replace(f" {private}\r\n", f" {public}\r\n")
