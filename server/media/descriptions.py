"""Session descriptions as text: what is refused before aiortc reads it, and what we change in ours.

A description is a stranger's: it is bounded, and names no host to look up, before it is parsed.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from server.media.engine import TWCC
from server.media.errors import RoomRefusal
from server.media.limits import RoomRules
from server.media.track import Track

# aiortc takes whatever str.splitlines takes for the end of a line, and we none but these
_STRANGE: Final = re.compile(r"[^\r\n\t\x20-\x7e]|\r(?!\n)")
_SECTION: Final = re.compile(r"^m=([^ \r\n]*)", re.MULTILINE)
_BEGINS: Final = re.compile(r"^(?=m=)", re.MULTILINE)
_ATTRIBUTE: Final = re.compile(r"^a=([a-z-]+)(?::(\*?))?", re.MULTILINE)
_SOURCES: Final = re.compile(r"^a=ssrc(?::|-group:\S+[ \t]+)([^\r\n]*)", re.MULTILINE)
_SOURCE: Final = re.compile(r"[0-9]{1,10}")
_PAST_SOURCE: Final = 1 << 32  # RFC 3550 section 5.1
# aiortc compares each of these lines of a section with each other one
_MOST_LINES: Final[Mapping[str, int]] = {
    "rtpmap": 64,
    "rtcp-fb": 256,
    "rtcp-fb:*": 8,
    "fmtp": 64,
    "extmap": 32,
    "ssrc": 32,
    "ssrc-group": 8,
    "fingerprint": 8,
    "group": 4,
    "msid-semantic": 4,
}
_CANDIDATE: Final = re.compile(r"^a=candidate:[^\n]*\n?", re.MULTILINE)
_END: Final = re.compile(r"^a=end-of-candidates\r?\n?", re.MULTILINE)
_NAME: Final = re.compile(r"^a=mid:(\S+)", re.MULTILINE)
_STREAM: Final = re.compile(r"^(a=msid:)\S+", re.MULTILINE)
_CNAME: Final = re.compile(r"^(a=ssrc:\d+ cname:)\S+", re.MULTILINE)
_SENDS: Final = re.compile(r"^a=(?:msid|ssrc|ssrc-group):[^\n]*\n", re.MULTILINE)
_OPUS: Final = re.compile(r"(a=rtpmap:(\d+) opus/48000/2\r\n)")
_KINDS: Final = frozenset({"audio", "video"})
_HOST, _LEAST_PARTS = 4, 8  # RFC 8839 section 5.1
_LONGEST_LINE: Final = 4096
_SEND_TIME: Final = "abs-send-time"


def check_description(text: object, rules: RoomRules, *, sections: int | None = None) -> str:
    """The text, without candidates that we shall not try; raises RoomRefusal.

    `sections`: how many an answer may have; an offer is held to the rules.
    """
    if not isinstance(text, str) or not text.isascii():
        raise RoomRefusal("description-malformed")
    if len(text) > rules.longest_sdp_bytes or max(map(len, text.split("\n"))) > _LONGEST_LINE:
        raise RoomRefusal("description-too-long")
    kinds = _SECTION.findall(text)
    if not kinds or not set(kinds) <= _KINDS or _STRANGE.search(text):
        raise RoomRefusal("description-malformed")
    if len(kinds) > (rules.most_sections if sections is None else sections):
        raise RoomRefusal("too-many-sections")
    _check_lines(text)
    found = _CANDIDATE.findall(text)
    if len(found) > rules.most_candidates * len(kinds):
        raise RoomRefusal("too-many-candidates")
    # more candidates may follow, and a peer behind a name is known by its own check
    return _END.sub("", _CANDIDATE.sub(_keep_candidate, text))


def _check_lines(text: str) -> None:
    for part in _BEGINS.split(text):
        counted = Counter(
            word
            for name, star in _ATTRIBUTE.findall(part)
            for word in ((name, f"{name}:*") if star else (name,))
        )
        if any(counted[name] > most for name, most in _MOST_LINES.items()):
            raise RoomRefusal("description-malformed")
    for told in _SOURCES.finditer(text):
        numbers = told[1].split() if "-group" in told[0] else told[1].split(" ", 1)[:1]
        for number in numbers:
            if _SOURCE.fullmatch(number) is None or int(number) >= _PAST_SOURCE:
                raise RoomRefusal("description-malformed")


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


def without_estimates(text: str) -> str:
    """Our offer to a receiver: by reports of loss alone do we tell what its line carries."""
    kept = (
        line
        for line in without_times(text).splitlines(keepends=True)
        if _SEND_TIME not in line and "goog-remb" not in line
    )
    return "".join(kept)


def name_streams(text: str, tracks: Mapping[str, Track]) -> str:
    """Our offer, saying of each section by its name with what others its track is in step.

    Browsers keep in step what has one stream and one CNAME (RFC 8830, RFC 3550 6.5.1).
    """
    head, *parts = _BEGINS.split(text)
    return head + "".join(_name_stream(part, tracks) for part in parts)


def _name_stream(part: str, tracks: Mapping[str, Track]) -> str:
    found = _NAME.search(part)
    track = None if found is None else tracks.get(found[1])
    if track is None:  # nothing is sent there at present
        return _SENDS.sub("", part)
    return _CNAME.sub(rf"\g<1>{track.stream}", _STREAM.sub(rf"\g<1>{track.stream}", part))


def advertise(text: str, *, private: str, public: str) -> str:
    """Behind 1:1 NAT: the address by which we are reached instead of our own."""
    if not public or public == private:
        return text
    return text.replace(f" {private} ", f" {public} ").replace(f" {private}\r\n", f" {public}\r\n")
