"""Codecs by name: a section of a receiver names each with a number of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from server.media.engine import RTCRtpCodecParameters, is_rtx

RESENT: Final = ""
"""The name of what is sent again (RFC 4588)."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Payload types of one codec; `resent` where lost packets are sent again under another SSRC."""

    plain: int
    resent: int | None


def codec_key(codec: RTCRtpCodecParameters) -> str:
    """A name that is the same on both sides; H264 has several, by profile."""
    if is_rtx(codec):
        return RESENT
    profile = codec.parameters.get("profile-level-id")
    name = codec.name.lower()
    return name if profile is None else f"{name}/{str(profile).lower()}"


def numbers_by_codec(codecs: Iterable[RTCRtpCodecParameters]) -> Mapping[str, Numbers]:
    """The payload types of each codec of one section."""
    known = list(codecs)
    resent = {each.parameters.get("apt"): each.payloadType for each in known if is_rtx(each)}
    return {
        codec_key(each): Numbers(each.payloadType, resent.get(each.payloadType))
        for each in known
        if not is_rtx(each) and each.payloadType is not None
    }


def find_numbers(numbers: Mapping[str, Numbers], key: str) -> Numbers | None:
    """Those of this codec, or of its next of kin: profiles of H264 that we pass on are alike."""
    if key in numbers:
        return numbers[key]
    family = key.partition("/")[0]
    return next(
        (found for name, found in numbers.items() if name.partition("/")[0] == family), None
    )
