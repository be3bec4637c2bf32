"""What must stand before a process may serve: keys, schema, and that they belong together."""

from consult.db.schema import is_at_head, is_empty
from consult.kernel.errors import ConsultError
from consult.kernel.keys import load_vault
from consult.reports.seal import load_seal, require_seal
from server.settings import Settings


class SchemaBehindError(ConsultError):
    """The database was made by another release and not yet migrated."""

    def __init__(self) -> None:
        super().__init__("schema-behind")


def prepare(settings: Settings) -> bool:
    """Found a new installation, or check an old one; whether it was new.

    Only an empty database gets fresh keys: beside old rows a new master key would make them
    unreadable for ever, and a new seal would make every signature look forged.
    """
    is_new = is_empty(settings.database_url)
    _find_keys(settings, is_new=is_new)
    if is_new:
        _upgrade(settings.database_url)
    elif not is_at_head(settings.database_url):
        raise SchemaBehindError
    return is_new


def migrate(settings: Settings) -> None:
    """Bring the schema to this release; an empty database also gets its key."""
    _find_keys(settings, is_new=is_empty(settings.database_url))
    _upgrade(settings.database_url)


def _find_keys(settings: Settings, *, is_new: bool) -> None:
    """Master key and seal's key; raises KeyFileMissingError or SealMissingError."""
    load_vault(settings.key_file, create=is_new)
    find_seal = load_seal if is_new else require_seal
    find_seal(settings.key_file.parent)


def _upgrade(database_url: str) -> None:
    from consult.db.migrate import upgrade_to_head  # noqa: PLC0415 - alembic; most starts need none

    upgrade_to_head(database_url)
