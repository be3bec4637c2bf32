"""kill -9 at random instants of the loop: nothing acknowledged is lost, nothing is half (F1).

The whole process group dies. Every acknowledged answer stands in a ledger of the clients' own and
is looked for after the restart; unfinished uploads go on where they stood.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from consult.kernel.work import Role
from consult.people.sessions import attempts
from consult.reports.seal import load_seal
from tests.campaigns.ledger import lost
from tests.campaigns.load import Load, open_load
from tests.campaigns.seeds import is_whole
from tests.campaigns.wholeness import halves, unnamed_files
from tests.makers.world_people import Side

KILLS = 1000 if is_whole() else 30
TOLD_EVERY = 50
_SOONEST_S, _LATEST_S = 0.05, 0.65
_USUAL_RESTART_S = 1.5
SETTLED_WITHIN_S = 120  # a whole campaign runs where others work
SWEPT_WITHIN_S = 40
_CUT = (aiohttp.ClientError, ConnectionError, TimeoutError)
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 600)]


@dataclass
class Campaign(Load):
    """A house that is killed again and again, and the clients who go on."""

    slowness: float = 1.0
    kills: int = 0
    checked: int = 0
    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)

    async def one_kill(self) -> None:
        """Let the clients work for a random moment, pull the plug, start again, look."""
        walks = [asyncio.ensure_future(lane.run()) for lane in self.lanes]
        await asyncio.sleep(self.seed.uniform(_SOONEST_S, _LATEST_S) * self.slowness)
        self.house.house.kill()
        self.kills += 1
        for ended in await asyncio.gather(*walks, return_exceptions=True):
            if not isinstance(ended, _CUT):
                raise ended
        started = time.monotonic()
        await asyncio.to_thread(self.house.house.start_again)
        # on a busy machine the clients are given as much more time as the house took
        self.slowness = max(1.0, (time.monotonic() - started) / _USUAL_RESTART_S)
        await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Compare what was acknowledged since the last look; ask whether everything is whole."""
        clinic, seal = self.house.world.now, load_seal(self.house.house.data_dir / "keys")
        told = self.ledger.read()
        fresh, self.checked = told[self.checked :], len(told)
        for each in fresh:
            if problem := clinic.system(lost, told=each):
                self.lost.append(problem)
        self.torn += clinic.system(lambda work: list(halves(work, seal)))
        # a kill between a try and its forgiveness must not lock the only signer out
        login = self.house.world.person(Side.LEAD, Role.EXPERT).login
        clinic.system(attempts.lift_lock, login=login)
        assert (self.lost, self.torn) == ([], [])

    def score(self) -> str:
        """One line: what was done to the house, and what it lost by it."""
        refused = Counter(no for lane in self.lanes for no in lane.client.refusals)
        return (
            f"{self.kills} kills, {self.checked} acknowledged writes compared, "
            f"{sum(lane.rounds for lane in self.lanes)} patients through, "
            f"{len(self.lost)} lost, {len(self.torn)} torn, refused: {dict(refused)}"
        )


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    """A house with slots enough, and clients on their way."""
    with open_load(tmp_path, "kills") as load:
        yield Campaign(load.house, load.seed, load.ledger, load.lanes)


async def test_no_acknowledged_write_is_lost_and_nothing_is_half(campaign: Campaign) -> None:
    started = time.monotonic()
    try:
        while campaign.kills < KILLS:
            await campaign.one_kill()
            if campaign.kills % TOLD_EVERY == 0:
                say(campaign, since=started)
        await settle(campaign)
        campaign.look()
    finally:
        say(campaign, since=started)
    told = campaign.ledger.read()
    steps = {each["step"] for each in told}
    assert {"registered", "offset", "stored", "submitted", "claimed", "signed"} <= steps
    assert {"decided", "held", "booked"} <= steps
    assert [each for each in told if campaign.house.world.now.system(lost, told=each)] == []


def say(campaign: Campaign, *, since: float) -> None:
    """Print the score so far."""
    print(f"kills: {time.monotonic() - since:.0f} s, {campaign.score()}", flush=True)  # noqa: T201 - the campaign's answer


async def settle(campaign: Campaign) -> None:
    """Let the clients finish with their patients; then no byte is left that nobody needs."""
    async with asyncio.timeout(SETTLED_WITHIN_S):
        await asyncio.gather(*(lane.run_round() for lane in campaign.lanes))
    clinic, data_dir = campaign.house.world.now, campaign.house.house.data_dir
    deadline = time.monotonic() + SWEPT_WITHIN_S
    while left := await asyncio.to_thread(
        clinic.system, lambda work: list(unnamed_files(work, data_dir))
    ):
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.5)


async def test_an_answer_before_its_commit_would_be_noticed(campaign: Campaign) -> None:
    """A house that acknowledged first and wrote later would have told what it does not know."""
    while not (known := campaign.ledger.read()):
        await campaign.one_kill()
    never = {"id": "0" * 32, "name": "无人", "number": "", "patient_id": "", "size": 1}
    never |= {"eye": "right", "by": "", "version": 1, "sha256": "", "case_id": "", "slot_id": ""}
    for step in ("registered", "opened", "placed", "submitted", "signed", "held", "booked"):
        campaign.ledger.write(step, **never)
        with pytest.raises(AssertionError, match=step):
            campaign.look()
        campaign.lost.clear()
    other = known[0] | {"name": "别人", "patient_id": "0" * 32}
    assert campaign.house.world.now.system(lost, told=other) is not None


async def test_a_row_without_its_entry_would_be_noticed(campaign: Campaign) -> None:
    from sqlalchemy import text  # noqa: PLC0415 - this test alone breaks the database by hand

    clinic, seal = campaign.house.world.now, load_seal(campaign.house.house.data_dir / "keys")
    clinic.system(
        lambda work: work.session.execute(
            text("UPDATE cases SET owner_id = NULL WHERE status = 'assigned'")
        )
    )
    clinic.system(
        lambda work: work.session.execute(text("DELETE FROM custody WHERE object_type = 'report'"))
    )
    found = clinic.system(lambda work: list(halves(work, seal)))
    assert any("with owner None" in each for each in found)
    assert any("reports" in each and "custodian" in each for each in found)
