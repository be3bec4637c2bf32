"""The files of a ZIP, taken out one by one in the jail and judged as any other."""

import os
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from consult.people.organisations.model import Institution
from imaging.errors import (
    JailCrashedError,
    JailRefusedError,
    JailTimedOutError,
    JailUnavailableError,
    Refusal,
)
from server.images.imagery import IMAGERY
from server.importing.judging import Judged, judge, told
from server.keys import JAIL
from server.threads import in_thread

_ENDED: Final = ("decoder-crashed", "decoder-timed-out")
_MOST_ENDED: Final = 3  # each may cost a decoder's whole time (decision 0176)


async def judge_archive(
    house: web.Application, archive: int, institution: Institution
) -> AsyncIterator[Judged]:
    """Every file of it with its `name`; an archive that cannot be read is one verdict without."""
    try:
        listed = await house[JAIL].run("zip_list", {}, inputs=[archive])
    except JailRefusedError as error:
        yield told("refused", error.reason)
        return
    except (JailCrashedError, JailTimedOutError):
        yield told("refused", Refusal.DAMAGED_ZIP)
        return
    except JailUnavailableError:
        yield told("failed", "try-again")
        return
    if not listed["entries"]:
        yield told("refused", "zip-empty")
    ended = 0
    for entry in listed["entries"]:
        judged = told("refused", "zip-stopped")
        if ended < _MOST_ENDED:
            judged = await _judge_entry(house, archive, int(entry["index"]), institution)
        ended += str(judged["reason"]).endswith(_ENDED)
        yield judged | {"name": str(entry["name"])}


async def _judge_entry(
    house: web.Application, archive: int, index: int, institution: Institution
) -> Judged:
    scratch = await in_thread(house[IMAGERY].spool.make_scratch)
    try:
        await house[JAIL].run("zip_extract", {"index": index}, inputs=[archive], outputs=[scratch])
        return await judge(house, scratch, institution)
    except JailRefusedError as error:
        return told("refused", error.reason)
    except (JailCrashedError, JailTimedOutError):
        return told("refused", "decoder-crashed")
    except JailUnavailableError:
        return told("failed", "try-again")
    finally:
        os.close(scratch)
