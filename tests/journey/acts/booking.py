"""What follows a report: receipt, decision, an appointment, the visit, the end of the case."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.makers.screen import Screen

_LATE_HOUR = 23


async def publish_slots(desk: Screen) -> None:
    """The desk names a clinic and offers its free times, the rest of today."""
    await desk.go("/slots")
    await add_clinic(desk)
    form = desk.at("#publish")
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    late = now.hour >= _LATE_HOUR
    hours = {"start": f"{now.hour:02}:00", "end": "23:59", "minutes": "1" if late else "10"}
    days = {"day_from": now.date().isoformat(), "day_until": now.date().isoformat()}
    await desk.submit(form, days | hours | {"weekdays[]": [str(day) for day in range(1, 8)]})
    await desk.go(f"/slots?week={now.date().isoformat()}")
    assert await desk.at(".pool b").count() > 0


async def add_clinic(desk: Screen) -> None:
    """A new clinic, as it stands on the slip."""
    await desk.at('button[data-dialog-id-value="new-clinic"]').first.click()
    form = desk.form("/api/clinics")
    facts = {"name": "眼底病门诊", "name_en": "Retina clinic", "department": "眼底病科"}
    place = {"department_en": "Retina", "address": "门诊楼 3 层 6 诊室", "phone": "0571-88001234"}
    await desk.submit(form, facts | place | {"address_en": "Building 1, room 306"})


async def receive(doctor: Screen) -> None:
    """Read the arrived report and confirm that it is here."""
    await doctor.press(doctor.at('button[data-act-url-value$="/receive"]'))


async def decide(doctor: Screen, step: str) -> None:
    """The inviting physician decides; the report only advises."""
    form = doctor.at('form[data-form-url-value$="/decision"]')
    await doctor.submit(form, {"choice": "accepted", "next_step": step, "note": "已告知患者"})


async def book(doctor: Screen) -> None:
    """Keep a free time, confirm it, and see the slip."""
    await doctor.at("button.slot").first.click()
    await doctor.at("#hold").wait_for()
    assert await doctor.at(".slot-on").count() == 1
    await doctor.shoot("booking-held")
    await doctor.assert_accessible()
    form = doctor.at("#refer")
    await doctor.fill(form, {"consent": "true"})
    await doctor.press(doctor.at('#hold button[form="refer"]'))


async def print_slip(doctor: Screen) -> None:
    """The paper that the patient takes home."""
    if "/slip" not in doctor.path:
        await doctor.press(doctor.at('a[href$="/slip"]').first)
    await doctor.assert_accessible()
    await doctor.shoot("slip")
    assert await doctor.at(".paper-slip-when").count() == 1


async def mark_visit(desk: Screen) -> None:
    """The patient came; what the hospital found goes back."""
    await desk.go("/desk?view=open")
    await desk.press(desk.at('button[data-act-url-value$="/arrived"]').first)
    await desk.at('button[data-act-url-value$="/outcome"]').first.click()
    dialog = desk.at("dialog[open]")
    found = {"diagnosis": "中度非增生型(NPDR)", "findings": "散瞳眼底", "advice": "3 个月复查"}
    await desk.submit(dialog.locator("form"), found)


async def close(doctor: Screen, case_id: str) -> None:
    """Nothing is left to do: the case ends."""
    await doctor.go(f"/cases/{case_id}")
    await doctor.press(doctor.at('button[data-act-url-value$="/close"]'))
    assert await doctor.at('button[data-act-url-value$="/close"]').count() == 0
