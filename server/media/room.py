"""A room, as narrow as another engine could be put behind it.

Whoever serves a participant calls `join`, `publish`, `offer` and `answer`, `leave`, and hears by
`Participant.tell`; web asks for `list_people`, `remove`, `stats` and the `recorder`. A participant
is offered the tracks of this room alone, and its token was sealed with this room's key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import structlog

from server.media.ends import Offered
from server.media.errors import RoomRefusal
from server.media.participant import Participant
from server.media.recording.recorder import Recorder
from server.media.recording.session import TakenTrack
from server.media.room_stats import stats_of
from server.media.settled import Settled
from server.media.together.table import Table
from server.media.tokens import Device, is_fresh, read_token
from server.media.track import Track
from server.media.watching import check_lines

log = structlog.get_logger()


class Room:
    """People who see and hear one another."""

    def __init__(self, room_id: str, key: bytes, settled: Settled) -> None:
        self.id = room_id
        self.key = key
        self.settled = settled
        self.participants: dict[str, Participant] = {}
        self.table = Table(settled.rules.together, self.participants)
        self.recorder = Recorder(self, settled.recording)
        self._ending: set[asyncio.Task[None]] = set()
        self._removed: dict[str, float] = {}  # person: until when a token must be newer

    def join(self, token: object, now_s: float, *, most_devices: int | None = None) -> Participant:
        """Let somebody in, or back in; `now_s` since 1970. Raises RoomRefusal."""
        claims = read_token(token, room=self.id, key=self.key)
        if claims.issued_s <= self._removed.get(claims.person, -1.0):
            raise RoomRefusal("removed")
        known = self.participants.get(f"{claims.person}/{claims.device}")
        if known is not None and known.claims == claims:
            known.away_since_s = None
            self.note_change()
            return known
        if not is_fresh(claims, now_s):
            raise RoomRefusal("token-expired")
        self._check_room_for(claims.person)
        if known is None and most_devices is not None and len(self.participants) >= most_devices:
            raise RoomRefusal("rooms-full")
        newcomer = Participant(claims, self.settled)
        if known is not None:  # the same device with a newer token takes its own place
            known.claims, known.away_since_s = claims, None
            self.note_change()
            return known
        self.participants[newcomer.name] = newcomer
        self.note_change()
        return newcomer

    def note_change(self) -> None:
        """Who is there or what is sent has changed: everyone is told, and offered what is new."""
        people = len({each.claims.person for each in self.participants.values()})
        ceiling = self.settled.rules.ceilings.of(people)
        for participant in self.participants.values():
            for track in participant.tracks.values():
                track.ceiling_bps = ceiling
            participant.changed.set()
        self.tell_all({"told": "people", "people": self.list_people()})
        self.recorder.follow()

    async def publish(
        self, participant: Participant, offer: object, sources: object, *, anew: bool
    ) -> str:
        """The answer to what a participant would send. Raises RoomRefusal."""
        self._check_tracks_for(participant, sources)
        before = set(participant.tracks)
        try:
            return await participant.publish(offer, sources, anew=anew)
        finally:
            if set(participant.tracks) != before:
                self.note_change()

    async def offer(self, participant: Participant) -> Offered | None:
        """What a participant shall receive from now on, where that has changed."""
        return await participant.offer(self._tracks_for(participant))

    async def answer(self, participant: Participant, number: object, text: object) -> None:
        """The answer to that offer. Raises RoomRefusal."""
        if participant.subscription is None:
            raise RoomRefusal("answer-to-nothing")
        try:
            await participant.subscription.answer(number, text)
        except RoomRefusal as refused:
            if refused.code != "answer-to-nothing":
                await participant.end_subscription()
                participant.changed.set()
            raise
        participant.changed.set()

    def leave(self, participant: Participant) -> None:
        """A participant goes, and what it sent with it; its peers are told beside."""
        self._let_go(participant)
        self._end_beside(participant, participant.leave)

    def remove(self, person: str, now_s: float) -> int:
        """Put a person out; older tokens of that person are refused. The number of devices."""
        self._removed[person] = now_s
        gone = [each for each in self.participants.values() if each.claims.person == person]
        for participant in gone:
            if participant.tell is not None:
                participant.tell({"told": "removed"})
            self.leave(participant)
        return len(gone)

    async def close(self) -> None:
        """End it for everyone."""
        await self.recorder.stop("closed")
        self.tell_all({"told": "closed"})
        for participant in list(self.participants.values()):
            self.leave(participant)

    async def finish(self) -> None:
        """Wait until every connection has ended: seconds, where a peer does not help."""
        await asyncio.gather(*self._ending, return_exceptions=True)

    def beat(self) -> None:
        """Once a second: reports, silent lines, and those who have gone for good."""
        now_s, rules = asyncio.get_running_loop().time(), self.settled.rules
        for participant in list(self.participants.values()):
            away_s = participant.away_since_s
            if away_s is not None and now_s - away_s > rules.rejoin_s:
                self.leave(participant)
                continue
            self._watch(participant)

    def has(self, participant: Participant) -> bool:
        """Whether it is still in the room."""
        return self.participants.get(participant.name) is participant

    def list_people(self) -> list[Mapping[str, Any]]:
        """Who is there with what device, and what it sends: the roster that everyone sees (T21)."""
        return [
            {
                "participant": each.name,
                "person": each.claims.person,
                "role": each.claims.role,
                "device": each.claims.device.value,
                "sources": sorted(each.tracks),
                "is_silent": each.is_silent,
                "is_away": each.away_since_s is not None,
            }
            for each in self.participants.values()
        ]

    def stats(self) -> Mapping[str, Any]:
        """Counters of every track and line."""
        people = [stats_of(each) for each in self.participants.values()]
        return {"room": self.id, "participants": people, "recording": self.recorder.told()}

    def list_sent(self) -> list[TakenTrack]:
        """Every track that is sent, and by whom."""
        return [
            TakenTrack(each.name, each.claims.person, track)
            for each in self.participants.values()
            for track in each.tracks.values()
        ]

    def owner_of(self, track: Track) -> str:
        """By what name the room knows who sends this; empty where it has gone."""
        return next(
            (each.name for each in self.participants.values() if track in each.tracks.values()), ""
        )

    def tell_all(self, message: Mapping[str, Any]) -> None:
        """Say something to everyone whose line stands."""
        for participant in self.participants.values():
            if participant.tell is not None:
                participant.tell(message)

    def _let_go(self, participant: Participant) -> None:
        if self.has(participant):
            del self.participants[participant.name]
            self.table.note_gone(participant.claims.person)
            self.note_change()

    def _watch(self, participant: Participant) -> None:
        end_beside = partial(self._end_beside, participant)
        silent = check_lines(participant, self.settled.rules, end_beside)
        if silent is not participant.is_silent:
            participant.is_silent = silent
            self.tell_all({"told": "people", "people": self.list_people()})

    def _end_beside(self, participant: Participant, end: Callable[[], Awaitable[None]]) -> None:
        """A peer that does not answer may take seconds to be rid of: nobody waits for it."""

        async def finish() -> None:
            await end()
            participant.changed.set()

        task = asyncio.get_running_loop().create_task(finish(), name="ending")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _tracks_for(self, participant: Participant) -> list[Track]:
        """A person gets nothing of her own devices, and a second device nothing at all (U30)."""
        if participant.claims.device is Device.COMPANION:
            return []
        return [
            track
            for each in self.participants.values()
            if each.claims.person != participant.claims.person
            for track in each.tracks.values()
        ]

    def _check_tracks_for(self, participant: Participant, sources: object) -> None:
        """A receiver is offered every track: there are no more than an offer may have."""
        named = set(map(str, sources.values())) if isinstance(sources, dict) else set()
        new = named - set(participant.tracks)
        sent = sum(len(each.tracks) for each in self.participants.values())
        if new and sent + len(new) > self.settled.rules.most_room_tracks:
            raise RoomRefusal("room-tracks-full")

    def _check_room_for(self, person: str) -> None:
        rules = self.settled.rules
        people = {each.claims.person for each in self.participants.values()}
        if person not in people and len(people) >= rules.most_people:
            raise RoomRefusal("room-full")
