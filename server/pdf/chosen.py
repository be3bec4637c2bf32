"""Which seal this installation has."""

from datetime import datetime

from consult.reports.seal import SystemSeal
from server.pdf.demo_seal import demo_seal
from server.pdf.seals import CertificateSeal, hospital_seal
from server.pdf.tokens import token_seal
from server.settings import Settings


def brought_seal(settings: Settings) -> CertificateSeal | None:
    """The hospital's own, if it brought one; raises SealFileError or SealAwayError."""
    if settings.seal_token is not None:
        return token_seal(settings.seal_token, run_dir=settings.run_dir)
    if settings.seal_file is not None:
        return hospital_seal(settings.seal_file, settings.seal_password_file)
    return None


def chosen_seal(settings: Settings, own: SystemSeal, *, now: datetime) -> CertificateSeal:
    """The hospital's own, else a demonstration seal."""
    return brought_seal(settings) or demo_seal(own, settings.key_file.parent, now=now)
