"""The reading room's single keys: one key stands for one thing."""

import re
from collections import Counter

import pytest

from consult.cases.model import Case
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
KEY = re.compile(r'data-shortcut="(\w+)"')


async def test_no_key_of_the_reading_room_stands_for_two_things(
    case: Case, expert: Visitor
) -> None:
    await expert.send(f"/api/queue/{case.id}/claim")
    _, page = await expert.page(f"/cases/{case.id}/reading")
    keys = Counter(KEY.findall(page))
    assert {"KeyR", "KeyL", "KeyN", "KeyQ", "KeyE", "KeyV"} <= set(keys)
    assert [key for key, times in keys.items() if times > 1] == []
