"""A running house whose screening is read twice, with three physicians who sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from consult.cases.model import Case
from consult.kernel.work import Role
from consult.people.organisations import panels
from consult.people.practitioners import service as practitioners
from consult.reports.model import ReportBody
from server.auth.passwords import hash_password
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.returns import add_person
from tests.makers.rulebooks import copy_config
from tests.makers.signing import write_by_door
from tests.makers.visitor import Visitor

_CHANGED = ("left", "diagnoses", "impression", "referral_urgency", "interval_months")


@contextmanager
def open_second_house(folder: Path) -> Iterator[ImageHouse]:
    """`li` and `meng` read on the panel of `zhou`, who settles differences."""
    config = copy_config(
        folder / "config", "second_reading.toml", on_for='["screening_read"]', percent="0"
    )
    with open_image_house(folder / "house", config_dir=str(config)) as opened:
        world = opened.world
        third = add_person(world, "meng", Role.EXPERT, at=world.lead_id)
        panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
        world.clinic.system(
            panels.add_panel_member,
            panel_id=panel.id,
            revision=panel.revision,
            practitioner_id=third.person,
        )
        for person in (world.leader, third):
            world.clinic.system(
                practitioners.set_password,
                practitioner_id=person.person,
                password_hash=hash_password(PASSWORD),
                must_change=False,
            )
        yield opened


async def sign_in_turn(
    house: ImageHouse, case: Case, reader: Visitor, *, body: ReportBody | None = None, **more: Any
) -> dict[str, Any]:
    """Take, look, write and sign, whoever's turn it is; the answer of the door."""
    changes = {} if body is None else {name: getattr(body, name) for name in _CHANGED}
    if body is not None:
        changes["need"] = body.referral_need
    await write_by_door(house, case, reader, **changes)
    _, shown = await reader.get(f"/api/cases/{case.id}/report/preview")
    sent = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"], **more}
    status, answer = await reader.send(f"/api/cases/{case.id}/report/sign", sent)
    assert status == 200, answer
    return dict(answer)
