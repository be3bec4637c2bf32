"""What may be wrong with the tokens of an identity provider that are signed as they should be."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

CLIENT = "lianzhen"
Claims = dict[str, Any]


def _change(**values: object) -> Callable[[Claims], Claims]:
    return lambda claims: claims | values


def _without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def _aged(seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: (
        claims
        | {
            "iat": claims["iat"] - seconds - 300,
            "exp": claims["iat"] - seconds,
        }
    )


CLAIMS: Mapping[str, Callable[[Claims], Claims]] = MappingProxyType(
    {
        "wrong nonce": _change(nonce="another"),
        "no nonce": _without("nonce"),
        "wrong audience": _change(aud="another-client"),
        "two audiences": _change(aud=[CLIENT, "another-client"]),
        "two audiences for another": _change(aud=[CLIENT, "another-client"], azp="another-client"),
        "wrong issuer": _change(iss="http://127.0.0.1:1/other"),
        "expired": _aged(90),
        "expired within the skew": _aged(30),
        "no expiry": _without("exp"),
        "no name": _without("preferred_username"),
        "name that is none": _change(preferred_username=["admin"]),
        "from the future": lambda claims: claims | {"iat": claims["iat"] + 900},
    }
)
AGAIN: Mapping[str, Callable[[Claims], Claims]] = MappingProxyType(
    {
        "did not say when": _without("auth_time"),
        "did not ask": lambda claims: claims | {"auth_time": claims["iat"] - 3600},
        "asked before us": lambda claims: claims | {"auth_time": claims["iat"] - 30},
        "will ask": lambda claims: claims | {"auth_time": claims["iat"] + 900},
        "said when in words": _change(auth_time="now"),
    }
)
"""What is wrong with the answer about somebody who was to be asked again."""
FACTORS: Mapping[str, Callable[[Claims], Claims]] = MappingProxyType(
    {
        "two factors": _change(amr=["pwd", "otp", "mfa"]),
        "two factors by class": _change(acr="mfa"),
        "one factor": _change(amr=["pwd"]),
        "factors in one word": _change(amr="mfa pwd"),
        "another sitting": _change(sid="a later sitting"),
        "another subject": _change(sub="subject of somebody else"),
    }
)
"""What else the answer may say."""
EVENT = "http://schemas.openid.net/event/backchannel-logout"
SIGN_OUT: Mapping[str, Callable[[Claims], Claims]] = MappingProxyType(
    {
        "another issuer": _change(iss="http://127.0.0.1:1/other"),
        "another audience": _change(aud="another-client"),
        "no time": _without("iat"),
        "an old one": lambda claims: claims | {"iat": claims["iat"] - 3600},
        "from the future": lambda claims: claims | {"iat": claims["iat"] + 900},
        "expired": lambda claims: claims | {"exp": claims["iat"] - 300},
        "no name of its own": _without("jti"),
        "no event": _without("events"),
        "another event": _change(events={"http://schemas.example/other": {}}),
        "an event that is none": _change(events={EVENT: "yes"}),
        "a nonce": _change(nonce="of a sign-in"),
        "nobody": lambda claims: {
            key: value for key, value in claims.items() if key not in {"sub", "sid"}
        },
        "a sub that is none": _change(sub=["subject"]),
    }
)
"""What is wrong with a logout token that is signed as it should be."""
"""What is wrong with the claims of a token that is signed as it should be."""
