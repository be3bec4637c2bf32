"""`python -m server dicom`: the DICOM process; the supervisor gives its settings as environment."""

import errno
from collections.abc import Sequence
from typing import Final

from server.cli.options import make_parser
from server.cli.speech import complain
from server.dimse.limits import load_door_rules
from server.dimse.process import DoorPlace, run_door
from server.i18n import N_
from server.logs import configure_logs
from server.settings import load_settings
from server.supervisor.child import CANNOT_START

_ADDRESS: Final = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)


def run(arguments: Sequence[str]) -> int:
    """Serve DICOM until SIGTERM; CANNOT_START where starting again would not help."""
    make_parser("dicom", "Serve DICOM; started by `lianzhen serve`.").parse_args(arguments)
    settings = load_settings({})
    configure_logs(process="dicom", log_format=settings.log_format)
    if settings.dicom_port is None:
        return CANNOT_START
    place = DoorPlace(
        settings.dicom_host,
        settings.dicom_port,
        settings.dicom_socket,
        settings.dicom_folder,
        settings.dicom_cert,
        settings.dicom_key,
        settings.dicom_ca,
    )
    try:
        run_door(place, load_door_rules(settings.config_dir))
    except OSError as refused:
        if refused.errno not in _ADDRESS:
            raise
        address = f"{settings.dicom_host}:{settings.dicom_port}"
        complain(N_("{address} is taken, or not ours to listen on."), address=address)
        return CANNOT_START
    return 0
