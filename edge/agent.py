"""The agent as a whole: one thread looks, one sends, and one may listen to cameras on the LAN."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.cipher import derive_keys
from edge.dicom import CameraDoor
from edge.folders import Pace, Watcher
from edge.keyfile import load_key
from edge.sender import Sender
from edge.settings import Settings
from edge.spool import Spool
from edge.store import Store
from edge.web import Line, Way

log = logging.getLogger("lianzhen.watch")
_BEAT_S: Final = 60.0
_SOON_S: Final = 2.0
Clock = Callable[[], float]


class TokenMissingError(Exception):
    """No token was told, now or before."""


@dataclass(slots=True)
class Agent:
    """Everything of one agent; each step can be taken singly."""

    spool: Spool
    store: Store
    watcher: Watcher
    sender: Sender
    clock: Clock

    def close(self) -> None:
        """Let the line and the folder of the spool go."""
        self.sender.close()
        self.store.close()


def open_agent(settings: Settings, *, clock: Clock = time.time) -> Agent:
    """Open the spool and its memory; raises BusyError, KeyLostError and TokenMissingError."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    has_spool = (settings.state / "state.db").exists()
    keys = derive_keys(load_key(settings.state, may_make=not has_spool))
    store = Store(settings.state, keys)
    try:
        settings = _with_secrets(settings, store)
        spool = Spool(settings.state, keys, store, most_bytes=settings.most_bytes)
        spool.clear_leftovers()
        way = Way(settings.server, settings.token or "", settings.ca, settings.proxy or "system")
        pace = Pace(quiet_s=settings.quiet_s)
        watcher = Watcher(settings.folders, spool=spool, store=store, clock=clock, pace=pace)
        sender = Sender(Line(way), spool=spool, store=store, clock=clock)
        if not settings.everything:
            watcher.pass_over_old()
    except BaseException:
        store.close()
        raise
    return Agent(spool, store, watcher, sender, clock)


def run_agent(settings: Settings, *, stop: threading.Event, clock: Clock = time.time) -> None:
    """Work until told to stop."""
    agent = open_agent(settings, clock=clock)
    door = None
    threads: list[threading.Thread] = []
    try:
        if settings.dicom is not None:
            door = CameraDoor(settings.state, agent.spool, title=settings.title, clock=clock)
            door.open(*settings.dicom)
        threads = _start(agent, settings, stop)
        while not stop.wait(1.0):
            if not all(thread.is_alive() for thread in threads):
                stop.set()
    finally:
        stop.set()
        if door is not None:
            door.close()
        for thread in threads:
            thread.join()
        agent.close()


def _start(agent: Agent, settings: Settings, stop: threading.Event) -> list[threading.Thread]:
    steps: Sequence[tuple[str, Callable[[], float]]] = (
        ("look", lambda: _look(agent, settings.every_s)),
        ("send", _Sending(agent).step),
    )
    threads = [
        threading.Thread(target=_repeat, args=(step, stop), name=name, daemon=True)
        for name, step in steps
    ]
    for thread in threads:
        thread.start()
    return threads


def _repeat(step: Callable[[], float], stop: threading.Event) -> None:
    """One step after another; how long to wait is what the step says."""
    while not stop.is_set():
        try:
            pause_s = step()
        except Exception as error:  # noqa: BLE001 - the outermost point of a thread: it goes on
            log.warning("step failed: %s", type(error).__name__)  # its text may name a file
            pause_s = _SOON_S
        stop.wait(pause_s)


def _look(agent: Agent, every_s: float) -> float:
    taken = agent.watcher.look()
    if taken:
        log.info("taken: %d", taken)
    if agent.watcher.trouble is not None:
        log.warning("trouble: %s", agent.watcher.trouble)
    return every_s


class _Sending:
    """Sends what is due, and says how things are each minute, or soon after it has sent."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._beat_at = 0.0
        self._told: object = None

    def step(self) -> float:
        """Send everything that is due, then wait a little."""
        agent = self._agent
        sent = 0
        while agent.sender.send_next():
            sent += 1
            if agent.clock() >= self._beat_at:
                self._beat()
        is_open = agent.sender.trouble is None
        if agent.clock() >= self._beat_at or (is_open and agent.store.list_sent(1)):
            self._beat()
        if agent.sender.trouble is not self._told:
            self._told = agent.sender.trouble
            log.warning("way: %s", self._told or "open")
        if sent:
            log.info("sent: %d", sent)
        return _SOON_S

    def _beat(self) -> None:
        agent = self._agent
        before = agent.store.depth()
        agent.sender.beat(trouble=agent.watcher.trouble)
        is_news = agent.store.depth() != before  # what was just said holds no longer
        self._beat_at = agent.clock() + (_SOON_S if is_news else _BEAT_S)


def _with_secrets(settings: Settings, store: Store) -> Settings:
    """Token and proxy are told once, and kept sealed."""
    token = _keep("token", settings.token, store)
    if not token:
        raise TokenMissingError
    return replace(settings, token=token, proxy=_keep("proxy", settings.proxy, store))


def _keep(name: str, told: str | None, store: Store) -> str | None:
    if told is None:
        return store.find_secret(name)
    store.keep_secret(name, told)
    return told
