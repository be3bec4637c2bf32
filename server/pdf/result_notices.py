"""Result notices as one PDF, set in the jail; kept nowhere, for it can be made again."""

import os

from aiohttp import web

from imaging.descriptor import write_all
from imaging.jail.addresses import ADDRESSES
from server.intake.spool import memory_files
from server.keys import PAGES, TYPESETTER
from server.requests import PaperReader, language, zone_of
from server.threads import in_thread
from server.views.result_notices import NoticeText

_TEMPLATE = "result_notices/pdf.html"


async def set_notices(request: web.Request, sheets: list[NoticeText]) -> bytes:
    """The sheets as one PDF in the reader's language; raises JailRefusedError."""
    reader = PaperReader(request.app, language(request), zone_of(request))
    html = await in_thread(
        lambda: request.app[PAGES].document(reader, _TEMPLATE, sheets=sheets).encode()
    )
    with memory_files(3) as (document, nothing, made):
        await in_thread(write_all, document, html)
        given = [nothing] * len(ADDRESSES)
        await request.app[TYPESETTER].run("typeset", {}, inputs=[document, *given], outputs=[made])
        return os.pread(made, os.fstat(made).st_size, 0)
