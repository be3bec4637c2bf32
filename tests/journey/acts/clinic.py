"""What a community physician does: registers, asks for consent, sends photographs."""

import re
import shutil
import zipfile
from pathlib import Path

from PIL import Image

from tests.makers.cases import citizen_number
from tests.makers.screen import Screen

_FILES_S = 90_000
PATIENT = "张桂英"
ARRIVING = ("OD_macula.jpg", "OS_macula.jpg", "OD_disc.png", "rest.zip", "CT_small.dcm")
REFUSED = ("broken.jpg", "notes.txt")


async def register(doctor: Screen, *, name: str = PATIENT, number: str = "") -> None:
    """Register a patient; a wrong check digit is named first, and nothing is lost."""
    right = number or citizen_number(2)
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    await doctor.go("/patients/new")
    form = doctor.form("/api/patients")
    await doctor.fill(
        form,
        {
            "document_kind": "resident_id",
            "document_number": wrong,
            "name": name,
            "phone": "13905786127",
            "phone_relation": "self",
        },
    )
    async with doctor.refused(422):
        await (await doctor.button_of(form)).click()
    await doctor.assert_said("校验", "check digit")
    assert await form.locator("[name=document_number]").get_attribute("aria-invalid") == "true"
    await doctor.submit(form, {"document_number": right})
    assert re.fullmatch("/patients/[0-9a-f]{32}", doctor.path), doctor.path


async def open_case(doctor: Screen, service: str) -> str:
    """Open a case of this kind for the patient whose page stands open; its id."""
    await doctor.press(doctor.at('a[href*="/cases/new?patient="]').first)
    asks = doctor.at(f'button[data-act-body-value*="{service}"]')
    await doctor.press(asks)
    return doctor.path.rsplit("/", 1)[-1]


async def record_consent(doctor: Screen) -> None:
    """Record what was signed; without the second tick the case cannot go, and that is said."""
    form = doctor.at('form[data-form-url-value$="/consents"]')
    paper = {"scope": "single", "signer": "self", "method": "paper", "cost_yuan": "0"}
    await doctor.submit(form, paper | {"items": ["telemedicine"]})
    said = await doctor.at("#consent .notice-warn").inner_text()
    assert doctor.say("受邀机构", "invited institution") in said, said
    assert await doctor.at("#consent .b-ok").count() == 0
    await doctor.submit(form, paper | {"items": ["telemedicine", "data_sharing"]})
    assert await doctor.at("#consent .b-ok").count() == 1


async def fill_screening(doctor: Screen) -> None:
    """The few answers of a screening read; an acuity of 3.0 is in neither notation."""
    form = doctor.at("#case-form")
    answers = {
        "answers.diabetes": "yes",
        "answers.red_flags": ["none"],
        "answers.va_right.value": "3.0",
        "answers.va_left.value": "4.7",
    }
    await doctor.fill(form, answers)
    async with doctor.refused(422, "/submit"):
        await doctor.at('.dock button[form="case-form"]').click()
    named = form.locator('[name="answers.va_right.value"][aria-invalid="true"]')
    await named.wait_for()
    assert await named.input_value() == "3.0"
    await doctor.fill(form, {"answers.va_right.value": "0.6"})


async def assert_kept(doctor: Screen) -> None:
    """What was typed stands there after other acts have drawn the page anew."""
    value = await doctor.at('[name="answers.va_right.value"]').input_value()
    assert value == "0.6", value
    for eye, other_notation in (("right", "4.8"), ("left", "0.5")):
        assert other_notation in await doctor.at(f"#h-va_{eye}").inner_text()


async def fill_diagnosis(doctor: Screen) -> None:
    """What a remote diagnosis asks for."""
    form = doctor.at("#case-form")
    answers = {
        "answers.summary": "Diabetes for 11 years, blurred vision of the left eye for 3 months.",
        "answers.red_flags": ["none"],
        "answers.diabetes": "yes",
        "answers.va_right.value": "0.6",
        "answers.va_left.value": "4.7",
    }
    await doctor.fill(form, answers)


def pack_folder(folder: Path, real: Path) -> Path:
    """What lies on a camera's card: real photographs, and what does not belong there."""
    folder.mkdir(parents=True, exist_ok=True)
    fundus = real / "image" / "fundus"
    shutil.copyfile(fundus / "HRF_01_h_downscaled.jpg", folder / "OD_macula.jpg")
    shutil.copyfile(fundus / "HRF_02_h_downscaled.jpg", folder / "OS_macula.jpg")
    with Image.open(fundus / "HRF_07_h_downscaled.jpg") as photograph:
        photograph.save(folder / "OD_disc.png")
    with zipfile.ZipFile(folder / "rest.zip", "w") as archive:
        archive.write(fundus / "HRF_10_h_downscaled.jpg", "visit/OS_disc.jpg")
    shutil.copyfile(real / "dicom" / "explicit-vr-le" / "CT_small.dcm", folder / "CT_small.dcm")
    shutil.copyfile(real / "image" / "broken-image" / "truncated.jpg", folder / "broken.jpg")
    (folder / "notes.txt").write_text("not a picture", "utf-8")
    return folder


async def send_folder(doctor: Screen, folder: Path) -> None:
    """Give the whole folder; every file ends in a result of its own."""
    if doctor.is_floor:  # the test driver cannot choose a folder in so old a browser
        files = doctor.at("#images input[type=file]:not([webkitdirectory])")
        await files.set_input_files([folder / name for name in (*ARRIVING, *REFUSED)])
    else:
        await doctor.at("input[webkitdirectory]").set_input_files(folder)
    rows = doctor.at("li.file")
    for name in (*ARRIVING, *REFUSED):
        row = rows.filter(has=doctor.page.locator(f'[data-part=name]:text-is("{name}")'))
        done = row.and_(doctor.at("li.file-ok, li.file-bad, li.file-ask"))
        await done.wait_for(timeout=_FILES_S)
    for name in REFUSED:
        row = rows.filter(has=doctor.page.locator(f'[data-part=name]:text-is("{name}")'))
        assert "file-bad" in str(await row.get_attribute("class")), name
        assert (await row.locator("[data-part=say]").inner_text()).strip(), name


async def confirm_set(doctor: Screen) -> None:
    """One act for the eyes and fields of the whole set: what stands there is what is confirmed."""
    await doctor.at("#case-images .shot").nth(len(ARRIVING) - 1).wait_for(timeout=_FILES_S)
    await answer_questions(doctor)
    images = doctor.at("#case-images")
    await doctor.press(images.locator('button[data-act-url-value$="/confirm"].btn-main'))
    lacks = await doctor.at("#case-ready .dock-why").all_inner_texts()
    assert lacks == []


async def answer_questions(doctor: Screen) -> None:
    """A file that names another patient is asked about once."""
    asks = doctor.at('#case-images button[data-act-url-value*="/questions/"]')
    while await asks.count():
        await doctor.press(asks.first)


async def submit(doctor: Screen) -> float:
    """Send the case; when the server's answer came, in ms of this machine's clock."""
    button = doctor.at('.dock button[form="case-form"]')
    async with doctor.page.expect_response("**/submit") as answered:
        await doctor.press(button)
    answer = await answered.value
    assert answer.status == 200, await answer.text()
    timing = answer.request.timing
    return float(timing["startTime"] + timing["responseEnd"])
