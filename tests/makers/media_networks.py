"""A hospital and two clinics, each a network namespace of its own, and the lines between them.

Everybody hangs on one switch. Behind 1:1 NAT the hospital is one address further in, and the
switch stands for it under a public one. Nothing of it is seen outside, so tests may run beside.
"""

import contextlib
import secrets
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.makers.browsers import chromium_path
from tests.makers.networks import run_tool

PUBLIC: Final = "10.20.0.1"
CLINICS: Final = ("10.20.0.11", "10.20.0.12")
_SWITCH: Final = "10.20.0.254"
_INNER: Final = "192.168.77.2"
_INNER_GATE: Final = "192.168.77.1"
_QUEUE: Final = ("burst", "8kb", "latency", "300ms")


@dataclass(frozen=True)
class MediaNetwork:
    """`media_address` is the hospital's own, `PUBLIC` the one by which clinics reach it."""

    word: str
    folder: Path
    is_behind_nat: bool

    @property
    def hospital(self) -> str:
        """Its namespace."""
        return f"{self.word}-hospital"

    @property
    def media_address(self) -> str:
        """Where the media process listens."""
        return _INNER if self.is_behind_nat else PUBLIC

    def clinic(self, number: int) -> str:
        """The namespace of one of the two, counted from 0."""
        return f"{self.word}-clinic{number}"

    def inside(self, namespace: str) -> list[str]:
        """What a command begins with that runs there."""
        return ["ip", "netns", "exec", namespace]

    def browser(self, number: int) -> str:
        """A program that starts Chromium in a clinic."""
        script = self.folder / f"{self.clinic(number)}.sh"
        command = shlex.join([*self.inside(self.clinic(number)), chromium_path()])
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(0o755)
        return str(script)

    def lose(self, percent: int, *, seeded: bool) -> None:
        """Lose so much of what is sent by UDP on the first clinic's line, both ways.

        `seeded`: every so manieth packet, the same in each run; otherwise by chance.
        """
        chosen = f"inc mod {100 // percent} < 1" if seeded else f"random mod 100 < {percent}"
        for namespace, whose in ((self.clinic(0), ""), (self.hospital, f"ip saddr {CLINICS[0]}")):
            rule = f"{whose} meta l4proto udp numgen {chosen} counter drop"
            _filter(self.inside(namespace), rule)

    def narrow(self, kbit: int) -> None:
        """Let no more than this through the first clinic's line, either way; the rest waits."""
        shape = ["root", "tbf", "rate", f"{kbit}kbit", *_QUEUE]
        run_tool([*self.inside(self.clinic(0)), *_shape("line"), *shape])
        run_tool([*self.inside(self.word), *_shape("to0"), *shape])

    def move(self, number: int, address: str) -> None:
        """Give a clinic's line another address, as a machine has that changes its network."""
        inside = self.inside(self.clinic(number))
        run_tool([*inside, "ip", "addr", "flush", "dev", "line"])
        run_tool([*inside, "ip", "addr", "add", f"{address}/24", "dev", "line"])


@contextlib.contextmanager
def open_media_network(folder: Path, *, is_behind_nat: bool = False) -> Iterator[MediaNetwork]:
    """The networks for the time of a block; raises NoNamespacesError, which says what is needed."""
    network = MediaNetwork(f"lz{secrets.token_hex(3)}", folder, is_behind_nat)
    names = [network.word, network.hospital, network.clinic(0), network.clinic(1)]
    with contextlib.ExitStack() as stack:
        for name in names:
            run_tool(["ip", "netns", "add", name])
            stack.callback(run_tool, ["ip", "netns", "del", name])
            run_tool([*network.inside(name), "ip", "link", "set", "lo", "up"])
        _switch(network)
        for number, address in enumerate(CLINICS):
            _plug(network, network.clinic(number), f"to{number}", f"{address}/24")
        if is_behind_nat:
            _translate(network)
        else:
            _plug(network, network.hospital, "toh", f"{PUBLIC}/24")
        yield network


def _switch(network: MediaNetwork) -> None:
    inside = network.inside(network.word)
    run_tool([*inside, "ip", "link", "add", "switch", "type", "bridge"])
    run_tool([*inside, "ip", "addr", "add", f"{_SWITCH}/24", "dev", "switch"])
    run_tool([*inside, "ip", "link", "set", "switch", "up"])


def _plug(network: MediaNetwork, namespace: str, port: str, address: str) -> None:
    _cable(network, namespace, port, address)
    inside = network.inside(network.word)
    run_tool([*inside, "ip", "link", "set", port, "master", "switch"])


def _cable(network: MediaNetwork, namespace: str, port: str, address: str) -> None:
    """A line from the switch's `port` to a namespace, where it is called `line`."""
    switch, there = network.inside(network.word), network.inside(namespace)
    ends = ["type", "veth", "peer", "name", "line", "netns", namespace]
    run_tool([*switch, "ip", "link", "add", port, *ends])
    run_tool([*switch, "ip", "link", "set", port, "up"])
    run_tool([*there, "ip", "addr", "add", address, "dev", "line"])
    run_tool([*there, "ip", "link", "set", "line", "up"])


def _translate(network: MediaNetwork) -> None:
    """One address outside for one inside, as a hospital's router does it.

    Out go answers alone: otherwise the server's own checks would open a way that was not set.
    """
    switch, hospital = network.inside(network.word), network.inside(network.hospital)
    _cable(network, network.hospital, "toh", f"{_INNER}/24")
    run_tool([*switch, "ip", "addr", "add", f"{_INNER_GATE}/24", "dev", "toh"])
    run_tool([*switch, "ip", "addr", "add", f"{PUBLIC}/24", "dev", "switch"])
    run_tool([*switch, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
    run_tool([*hospital, "ip", "route", "add", "default", "via", _INNER_GATE])
    rules = f"""
table ip translation {{
  chain inward {{
    type nat hook prerouting priority -100
    ip daddr {PUBLIC} dnat to {_INNER}
  }}
  chain outward {{
    type nat hook postrouting priority 100
    ip saddr {_INNER} snat to {PUBLIC}
  }}
  chain passing {{
    type filter hook forward priority 0
    iifname "toh" ct state new drop
  }}
}}
"""
    run_tool([*switch, "nft", "-f", "-"], told=rules)


def _filter(inside: list[str], rule: str) -> None:
    text = f"""
table inet loss {{
  chain arriving {{
    type filter hook input priority 0
    {rule}
  }}
}}
"""
    run_tool([*inside, "nft", "-f", "-"], told=text)


def _shape(link: str) -> list[str]:
    return ["tc", "qdisc", "replace", "dev", link]
