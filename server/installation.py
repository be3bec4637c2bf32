"""What must stand before a process may serve: key file, schema, and that both belong together."""

from consult.db.schema import is_at_head, is_empty
from consult.kernel.errors import ConsultError
from consult.kernel.keys import load_vault
from server.settings import Settings


class SchemaBehindError(ConsultError):
    """The database was made by another release and not yet migrated."""

    def __init__(self) -> None:
        super().__init__("schema-behind")


def prepare(settings: Settings) -> bool:
    """Found a new installation, or check an old one; whether it was new.

    Only an empty database gets a fresh key: beside old rows it would make them unreadable for ever.
    """
    is_new = is_empty(settings.database_url)
    load_vault(settings.key_file, create=is_new)
    if is_new:
        _upgrade(settings.database_url)
    elif not is_at_head(settings.database_url):
        raise SchemaBehindError
    return is_new


def migrate(settings: Settings) -> None:
    """Bring the schema to this release; an empty database also gets its key."""
    load_vault(settings.key_file, create=is_empty(settings.database_url))
    _upgrade(settings.database_url)


def _upgrade(database_url: str) -> None:
    from consult.db.migrate import upgrade_to_head  # noqa: PLC0415 - alembic; most starts need none

    upgrade_to_head(database_url)
