"""The automatic check of a fundus photograph: what the jail measured, held against the limits."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from consult.studies.quality import QualityCheck, check_quality
from server.keys import RULES


def check_of(app: web.Application, facts: Mapping[str, Any]) -> QualityCheck | None:
    """The verdict on what was measured; none where the picture was not looked at."""
    if facts["fundus"] is None:
        return None
    is_fundus = facts["fundus"]["is_fundus"]
    rules = app[RULES].images.quality
    return check_quality(facts["quality"] or {}, rules, is_fundus=is_fundus)
