"""A list of patients in a file: text is decoded, a workbook is read in the jail."""

import os
from typing import Final

from aiohttp import web

from consult.cases.screening import service as screening
from consult.cases.screening.errors import ListUnreadableError
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from imaging.workbook import LARGEST_WORKBOOK_BYTES
from server.intake.spool import memory_files, write_at
from server.keys import JAIL
from server.threads import in_thread

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""MS-CFB 2.2: the workbooks of Excel 97 to 2003."""
_LONGEST_TEXT: Final = 4 * LARGEST_WORKBOOK_BYTES
_UNREADABLE: Final = (JailRefusedError, JailCrashedError, JailTimedOutError)


async def read_list_file(app: web.Application, data: bytes) -> str:
    """What the file says, as lines; raises ListUnreadableError for a file that is no list."""
    if data.startswith(_COMPOUND):
        raise ListUnreadableError("list-old-workbook")
    if not data.startswith(_ZIP):
        return screening.decode_file(data)
    with memory_files(2) as (given, written):
        await in_thread(write_at, given, data, 0)
        try:
            await app[JAIL].run("workbook", {}, inputs=[given], outputs=[written])
        except _UNREADABLE:
            raise ListUnreadableError("list-workbook") from None
        text = await in_thread(os.pread, written, _LONGEST_TEXT, 0)
    return text.decode()
