"""An installation opened for looking only: nothing is made, nothing is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from consult.db.engine import parse_database_url
from consult.db.schema import is_at_head
from consult.db.stored import open_reading
from consult.journal.anchor import Anchor
from consult.kernel.keys import load_vault
from consult.reports.seal import require_seal
from server.installation import SchemaBehindError
from server.settings import Settings
from server.stores import make_store
from server.verification.walk import Checked


@contextmanager
def opened(
    settings: Settings,
    *,
    is_quick: bool = False,
    copies: tuple[Path, ...] = (),
    heads: tuple[Anchor, ...] = (),
) -> Iterator[Checked]:
    """The installation in one snapshot; raises ConsultError where a key or the schema is amiss."""
    vault = load_vault(settings.key_file)
    seal = require_seal(settings.key_file.parent)
    if not is_at_head(settings.database_url):
        raise SchemaBehindError
    with open_reading(parse_database_url(settings.database_url), vault=vault) as session:
        yield Checked(
            session=session,
            blobs=make_store(settings),
            vault=vault,
            seal=seal,
            folder=settings.data_dir,
            has_all_placed=settings.is_sqlite,
            is_quick=is_quick,
            copies=copies,
            heads=heads,
        )
