"""Benchmark of use 2: a slice of the sixty cases, from the plain to the ungradable, counted."""

import json
from collections.abc import Iterator

import pytest

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.reports import service as reports
from tests.journey.conftest import Opener
from tests.makers.evening import (
    LAPTOP,
    MILD,
    MODERATE,
    Counted,
    come_with_window,
    look,
    make_row,
    read_mild,
    read_normal,
    read_referable,
    return_ungradable,
)
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
MOST = {"normal": 3, "mild": 12, "moderate": 12, "referable": 25, "ungradable": 6}
WAYS = {
    "normal": read_normal,
    "mild": lambda reader: read_mild(reader, MILD, ()),
    "moderate": lambda reader: read_mild(reader, MODERATE, MODERATE),
    "referable": read_referable,
    "ungradable": return_ungradable,
}
SAID = {
    "normal": {
        "right": [],
        "left": [],
        "grades": (0, 0),
        "referral": ("none", None, 12),
        "marked": (0, 0),
    },
    "mild": {
        "right": ["microaneurysm"],
        "left": [],
        "grades": (1, 0),
        "referral": ("none", None, 12),
        "marked": (0, 0),
    },
    "moderate": {
        "right": ["cotton_wool", "haemorrhage", "microaneurysm"],
        "left": ["cotton_wool", "haemorrhage", "microaneurysm"],
        "grades": (2, 2),
        "referral": ("refer", "routine", None),
        "marked": (0, 0),
    },
    "referable": {
        "right": ["nve"],
        "left": [],
        "grades": (4, 0),
        "referral": ("urgent", "urgent", None),
        "marked": (2, 1),
    },
}
NAMES = {
    "normal": "沈秀兰",
    "mild": "韩建国",
    "moderate": "杨桂芳",
    "ungradable": "朱文斌",
    "referable": "秦海燕",
}


@pytest.fixture(scope="module")
def mixed_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A world of its own, for its cases are read, signed and sent back."""
    with open_world(tmp_path_factory.mktemp("mixed") / "data") as opened:
        yield opened


async def test_no_case_of_the_mix_takes_more_acts_than_the_benchmark_names(
    mixed_house: WorldHouse, at_door: Opener
) -> None:
    row = dict(zip(NAMES, make_row(mixed_house, list(NAMES.values())), strict=True))
    expert = come_with_window(mixed_house)
    kinds = {mixed_house.things()["case"]: "normal"}
    kinds |= {case.id: kind for kind, case in row.items()}
    spent: dict[str, tuple[int, int]] = {}
    async with at_door(mixed_house.base, size=LAPTOP) as screen:
        await screen.come_as(expert.token)
        reader = Counted(screen)
        await screen.go("/worklist")
        await reader.click("#evening button >> nth=0")
        for _ in kinds:
            await screen.page.wait_for_url("**/reading")
            kind = kinds[screen.path.split("/")[2]]
            await look(reader)
            await WAYS[kind](reader)
            spent[kind] = (reader.acts, reader.clicks)
        assert "本组病例已全部签发" in await screen.at("#evening").inner_text()
    assert {kind for kind, (acts, _) in spent.items() if acts > MOST[kind]} == set(), spent
    assert {kind for kind, (_, clicks) in spent.items() if clicks} == {"referable"}, spent
    for kind, said in SAID.items():
        told = house_told(mixed_house, expert, row[kind])
        assert told == said, kind
    returned = mixed_house.world.now.do(expert.actor, cases.get_case, case_id=row["ungradable"].id)
    assert returned.status is CaseStatus.RETURNED


def house_told(house: WorldHouse, expert: Person, case: Case) -> dict[str, object]:
    """What the signed report of a case says, as far as keys said it."""
    (report,) = house.world.now.do(expert.actor, reports.list_reports, case_id=case.id)
    content = json.loads(report.canonical)
    body = content["body"]
    seen = {
        eye: sorted(
            code for code, each in body[eye]["lesions"].items() if each["said"] == "present"
        )
        for eye in ("right", "left")
    }
    return {
        **seen,
        "grades": (body["right"]["icdr"], body["left"]["icdr"]),
        "referral": (body["referral_need"], body["referral_urgency"], body["interval_months"]),
        "marked": (content.get("marks", {}).get("count", 0), len(content.get("key_images", ()))),
    }
