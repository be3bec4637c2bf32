"""A clinic's own network: a namespace with one line to this machine, and a firewall on it."""

import contextlib
import secrets
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.makers.browsers import chromium_path

_NEEDS = "these tests need root, network namespaces, iproute2 and nftables (make libraries-test)"
_LONGEST_S = 30


class NoNamespacesError(RuntimeError):
    """The machine refuses; the tests then fail, for nobody else would notice."""


@dataclass(frozen=True)
class ClinicNetwork:
    """`server` is this machine's address there, by which alone the clinic reaches anybody."""

    name: str
    server: str
    folder: Path

    def browser(self) -> str:
        """A program that starts Chromium in the clinic."""
        script = self.folder / f"{self.name}.sh"
        command = shlex.join(["ip", "netns", "exec", self.name, chromium_path()])
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(0o755)
        return str(script)

    def move(self) -> None:
        """Give the clinic's machine its other address, as one has that changes its network."""
        inside, line = ["ip", "netns", "exec", self.name], f"{self.name.replace('clinic-', 'lz')}b"
        net = self.server.rpartition(".")[0]
        shown = run_tool([*inside, "ip", "-brief", "-4", "addr", "show", "dev", line])
        other = f"{net}.2/29" if f"{net}.3/" in shown else f"{net}.3/29"
        run_tool([*inside, "ip", "addr", "flush", "dev", line])
        run_tool([*inside, "ip", "addr", "add", other, "dev", line])

    def lose(self, percent: int) -> None:
        """Lose so many of a hundred packets by chance, each way; 100 is a cut line, 0 none."""
        chance = "" if percent == 100 else f"numgen random mod 100 < {percent} "
        rules = {"input": "iifname", "output": "oifname"} if percent else {}
        chains = [
            f'chain {way} {{ type filter hook {way} priority 0; {link} != "lo" {chance}drop; }}'
            for way, link in rules.items()
        ]
        text = "\n".join(["flush ruleset", "table inet loss {", *chains, "}"])
        self._tell_filter(text)

    def squeeze(self, kbit: int) -> None:
        """Let no more through than so many kbit/s, each way; what waits over 0.4 s is lost."""
        told = ["root", "tbf", "rate", f"{kbit}kbit", "burst", "4kb", "latency", "400ms"]
        for before, link in self._ends():
            run_tool([*before, "tc", "qdisc", "replace", "dev", link, *told])

    def mend(self) -> None:
        """Lose nothing, and let through what there is."""
        self.lose(0)
        for before, link in self._ends():
            run_tool([*before, "tc", "qdisc", "replace", "dev", link, "root", "pfifo"])

    def let_out(self, *accepted: str) -> None:
        """Let nothing out of the clinic but this, in the words of nftables; before: everything."""
        rules = [f"ip daddr {self.server} {each} accept" for each in accepted]
        text = "\n".join(
            [
                "flush ruleset",
                "table inet wall {",
                "chain out {",
                "type filter hook output priority 0; policy drop;",
                'oifname "lo" accept',
                *rules,
                "}",
                "}",
            ]
        )
        self._tell_filter(text)

    def _tell_filter(self, text: str) -> None:
        run_tool(["ip", "netns", "exec", self.name, "nft", "-f", "-"], told=text)

    def _ends(self) -> list[tuple[list[str], str]]:
        """Both ends of the line, and how a command is begun there."""
        word = self.name.removeprefix("clinic-")
        return [([], f"lz{word}a"), (["ip", "netns", "exec", self.name], f"lz{word}b")]


@contextlib.contextmanager
def open_clinic_network(folder: Path) -> Iterator[ClinicNetwork]:
    """The network for the time of a block; raises NoNamespacesError."""
    word = secrets.token_hex(3)
    name, ours, theirs = f"clinic-{word}", f"lz{word}a", f"lz{word}b"
    net = f"10.{64 + secrets.randbelow(60)}.{secrets.randbelow(256)}"
    inside = ["ip", "netns", "exec", name]
    run_tool(["ip", "netns", "add", name])
    try:
        run_tool(["ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name])
        run_tool(["ip", "addr", "add", f"{net}.1/29", "dev", ours])
        run_tool(["ip", "link", "set", ours, "up"])
        run_tool([*inside, "ip", "addr", "add", f"{net}.2/29", "dev", theirs])
        for link in (theirs, "lo"):
            run_tool([*inside, "ip", "link", "set", link, "up"])
        yield ClinicNetwork(name, f"{net}.1", folder)
    finally:
        run_tool(["ip", "netns", "del", name])


def run_tool(command: Sequence[str], *, told: str = "") -> str:
    """What one of the tools that make networks says; raises NoNamespacesError where it cannot."""
    try:
        return subprocess.run(
            command, input=told, text=True, check=True, capture_output=True, timeout=_LONGEST_S
        ).stdout
    except (OSError, subprocess.SubprocessError) as refused:
        why = getattr(refused, "stderr", "") or str(refused)
        raise NoNamespacesError(f"{_NEEDS}: {shlex.join(command)}: {why}") from refused
