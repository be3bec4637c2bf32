"""A house that sends its reports on by itself, for tests."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consult.cases.images import service as images
from consult.cases.model import Case
from consult.jobs import service as jobs
from consult.kernel.work import Role, Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.reports.destinations import service as destinations
from consult.reports.destinations.model import Destination, DestinationForm, DispatchWay
from consult.reports.dispatches import service as dispatches
from consult.reports.dispatches import store
from consult.reports.dispatches.model import Dispatch, DispatchState
from server.auth.passwords import hash_password
from tests.makers.cases import citizen_number
from tests.makers.databases import free_port
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house, until
from tests.makers.marks import mark
from tests.makers.one_study import submit_one_study
from tests.makers.rulebooks import copy_config
from tests.makers.signing import amend, retract, sign_by_door, sign_marked
from tests.makers.visitor import Visitor

ADMIN = "guo"
_SEQUENCE = iter(range(300, 990, 2))
_MOST = 50
_TRIANGLE = [[2, 2], [13.5, 3], [6, 14]]


@dataclass
class SendingHouse:
    """The house; `images` is what other tests have of it."""

    images: ImageHouse
    _names: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def own(self) -> str:
        """The institution whose studies they are."""
        return str(self.images.world.centre_id)

    def send_to(self, way: DispatchWay, **changes: Any) -> Destination:
        """Register a destination of the centre."""
        told: dict[str, Any] = {"institution_id": self.own, "name": f"归档{next(self._names)}"}
        form = DestinationForm(**{**told, **changes}, way=way)
        return self.images.clinic.system(destinations.add_destination, form=form, most=_MOST)

    def all_destinations(self) -> Sequence[Destination]:
        """Every destination that was not removed."""
        return self.images.clinic.system(destinations.list_destinations)

    def stop_all(self) -> None:
        """Take every destination away again."""
        for each in self.all_destinations():
            self.images.clinic.system(
                dispatches.remove_destination, destination_id=each.id, revision=each.revision
            )

    def dispatches(self, destination: Destination) -> Sequence[Dispatch]:
        """Everything that goes or went there, the oldest first."""

        def ask(work: Work) -> Sequence[Dispatch]:
            every = set(DispatchState)
            return store.list_of_destination(work.session, destination.id, every, limit=_MOST)

        return list(reversed(self.images.clinic.system(ask)))

    def line(self, destination: Destination) -> Destination:
        """The destination as it is now."""
        return self.images.clinic.system(
            destinations.get_destination, destination_id=destination.id
        )

    async def until_state(
        self, destination: Destination, state: DispatchState, *, number: int = 1
    ) -> list[Dispatch]:
        """Wait until so many dispatches are in this state, and no other is on its way."""

        def found() -> bool:
            told = [each.state for each in self.dispatches(destination)]
            return told.count(state) >= number

        await until(found, seconds=120)
        return [each for each in self.dispatches(destination) if each.state is state]

    async def until_failed(self, destination: Destination, *, tries: int = 1) -> Dispatch:
        """Wait until the first dispatch there has failed at least so often; it as it is then."""

        def found() -> bool:
            line = self.line(destination).line.tries
            return any(each.tries + line >= tries for each in self.dispatches(destination))

        await until(found, seconds=120)
        return self.dispatches(destination)[0]

    async def until_begun(self, folder: Path) -> None:
        """Wait until a first object has come to an archive."""
        await until(lambda: any(folder.iterdir()), seconds=120)

    def submit(self) -> Case:
        """A case before the panel with four pictures of one study."""
        number = citizen_number(next(_SEQUENCE), birth="19580507")
        return submit_one_study(self.images, document_number=number)

    async def sign(self, case: Case | None = None) -> tuple[Case, str]:
        """Sign a report on a case, and wait until it has left its objects."""
        case = case or self.submit()
        async with self.browser("li") as expert:
            report = await sign_by_door(self.images, case, expert)
        await self.until_done()
        return case, report

    async def until_done(self) -> None:
        """Wait until no job waits or runs."""
        await until(lambda: not self.images.clinic.system(jobs.is_any_due), seconds=120)

    async def sign_marked(self) -> tuple[Case, str]:
        """The same with a mark and a key image."""
        case = self.submit()
        world = self.images.world
        found = self.images.clinic.do(world.expert, images.list_case_images, case_id=case.id)
        marks = [mark(found[0].id, "polygon", points=_TRIANGLE, lesion="hard_exudate")]
        async with self.browser("li") as expert:
            told = {"marks": marks, "key_images": [found[0].id]}
            report = await sign_marked(self.images, case, expert, **told)
        await self.until_done()
        return case, report

    async def amend(self, case: Case) -> str:
        """Sign a second version."""
        async with self.browser("li") as expert:
            return await amend(case, expert)

    async def retract(self, case: Case, report: str) -> None:
        """Take it back."""
        async with self.browser("li") as expert:
            await retract(case, expert, report)

    @asynccontextmanager
    async def browser(self, login: str = ADMIN) -> AsyncIterator[Visitor]:
        """Somebody's browser; without more the administrator's."""
        async with Visitor(self.images.house.base) as visitor:
            await visitor.sign_in(login, PASSWORD)
            yield visitor


@contextmanager
def open_sending_house(
    folder: Path, *, rules: Mapping[str, str] = MappingProxyType({})
) -> Iterator[SendingHouse]:
    """A house that tries again each second, and has an administrator."""
    told = {"wait_s": "[1]", "answer_s": "2", **rules}
    config = copy_config(folder / "config", "dispatch.toml", **told)
    opened = open_image_house(folder / "house", config_dir=str(config), dicom_port=str(free_port()))
    with opened as images:
        _let_in_administrator(images)
        yield SendingHouse(images)


def _let_in_administrator(images: ImageHouse) -> None:
    clinic = images.clinic
    place = NewAffiliation(
        images.world.centre_id,
        frozenset({Role.ADMINISTRATOR}),
        from_on=clinic.now.date() - timedelta(days=1),
    )
    made = clinic.system(
        practitioners.add_practitioner,
        login=ADMIN,
        profile=Profile(name="郭启航"),
        affiliation=place,
        password_hash="",
    )
    clinic.system(
        practitioners.set_password,
        practitioner_id=made.id,
        password_hash=hash_password(PASSWORD),
        must_change=False,
    )
