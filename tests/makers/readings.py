"""Readings of one eye, as an expert would write them."""

from consult.kernel.eyes import EyeStatus
from consult.reports.model import Dme, EyeReading, Quality, QualityCause, make_blank_reading


def graded(
    icdr: int | None = 0,
    dme: Dme | None = Dme.NONE,
    *,
    status: EyeStatus = EyeStatus.PRESENT,
    findings: str = "未见明显异常",
) -> EyeReading:
    """An eye whose photographs could be read."""
    return EyeReading(
        eye_status=status,
        quality=Quality.GOOD,
        causes=(),
        icdr=icdr,
        dme=dme,
        findings=findings,
        waiver="",
    )


def ungradable(
    cause: QualityCause = QualityCause.SMALL_PUPIL,
    *,
    waiver: str = "",
    status: EyeStatus = EyeStatus.PRESENT,
) -> EyeReading:
    """An eye whose photographs could not be read."""
    return EyeReading(
        eye_status=status,
        quality=Quality.UNGRADABLE,
        causes=(cause,),
        icdr=None,
        dme=None,
        findings="",
        waiver=waiver,
    )


def unread(status: EyeStatus) -> EyeReading:
    """An eye without photographs: absent, blind, or not examined."""
    blank = make_blank_reading()
    return EyeReading(
        eye_status=status,
        quality=None,
        causes=blank.causes,
        icdr=None,
        dme=None,
        findings="",
        waiver="",
    )
