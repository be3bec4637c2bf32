"""One client's way through the loop, again and again; every acknowledged step is in the ledger.

An answer that never came is asked for again after the restart: the step either happened or did
not, and both must be well.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from server.transactions import utc_now
from tests.campaigns.client import AbandonedError, BusyError
from tests.campaigns.walker import EYES, Walker
from tests.makers.cases import CONSULTATION_ANSWERS, citizen_number
from tests.makers.world_people import PASSWORD

_PAUSE_S = 0.2
_READING = {
    "eye_status": "present",
    "quality": "good",
    "causes": [],
    "icdr": 2,
    "dme": "none",
    "findings": "微血管瘤",
    "waiver": "",
}
REPORT = {
    "right": _READING,
    "left": _READING,
    "diagnoses": ["E11.3", "H36.0"],
    "impression": "双眼中度非增生型糖尿病视网膜病变",
    "answer": "建议转诊",
    "advice": "4 周内到眼底病科就诊",
    "referral_need": "refer",
    "referral_urgency": "routine",
    "interval_months": 3,
    "override_reason": "",
    "limits": "仅依据所列影像",
}


@dataclass
class Lane(Walker):
    """A walk from registration to the booked slot, and from the beginning again."""

    async def run(self) -> None:
        """Go on until the line is cut."""
        async with self.client.open():
            while True:
                try:
                    await self._step()
                except AbandonedError:
                    self.facts = {}

    async def run_round(self) -> None:
        """Finish with the present patient, then stop."""
        async with self.client.open():
            while self.facts:
                try:
                    await self._step()
                except BusyError:
                    await asyncio.sleep(_PAUSE_S)
                except AbandonedError:
                    return

    async def _step(self) -> None:
        """The first step of the loop that this patient has not been acknowledged for."""
        for name, step in STEPS.items():
            if name not in self.facts:
                await step(self)
                return
        self.rounds += 1
        self.facts = {}

    async def register(self) -> None:
        """A patient of the centre."""
        sequence = self.seed.randrange(2, 998, 2)
        birth = f"{self.seed.randrange(1940, 1990)}{self.seed.randrange(1, 10):02d}17"
        number = citizen_number(sequence, birth=birth)
        body = {
            "name": f"病例{self.number}之{sequence}",
            "document_kind": "resident_id",
            "document_number": number,
            "phone": f"139{self.seed.randrange(10**7, 10**8)}",
        }
        answer = await self.client.send(self.cast.physician, "/api/patients", body)
        self.done("registered", id=answer["id"], name=body["name"], number=number)

    async def consent(self) -> None:
        """Her consent to the programme."""
        today = utc_now().date()
        body = {
            "items": ["telemedicine", "data_sharing"],
            "scope": "programme",
            "signer": "self",
            "method": "paper",
            "signed_on": (today - timedelta(days=1)).isoformat(),
            "valid_until_on": (today + timedelta(days=100)).isoformat(),
            "cost_yuan": "0",
        }
        path = f"/api/patients/{self.known('registered')}/consents"
        answer = await self.client.send(self.cast.physician, path, body)
        self.done("consented", id=answer["id"], patient_id=self.known("registered"))

    async def open_case(self) -> None:
        """A draft before the panel."""
        body = {
            "patient_id": self.known("registered"),
            "service_type": "remote_consultation",
            "panel_id": self.cast.panel_id,
        }
        answer = await self.client.send(self.cast.physician, "/api/cases", body)
        self.done("opened", id=answer["id"], patient_id=self.known("registered"))

    async def upload(self) -> None:
        """Two photographs."""
        await self.send_photographs()
        self.facts["uploaded"] = True

    async def confirm(self) -> None:
        """Which eye is which."""
        path = f"/api/cases/{self.known('opened')}/images"
        found = (await self.client.get(self.cast.physician, path))["images"]
        for image, eye in zip(found, EYES, strict=True):
            field_code = {"eye": eye, "field": "macula_centred"}
            await self.client.send(self.cast.physician, f"{path}/{image['id']}/confirm", field_code)
            self.done(f"confirmed {eye}", id=image["id"], eye=eye)
            self.done(f"kept {eye}", id=image["instance_id"])
        self.facts["confirmed"] = True

    async def submit(self) -> None:
        """Send it to the panel."""
        path = f"/api/cases/{self.known('opened')}"
        case = await self.client.get(self.cast.physician, path)
        if case["status"] == "draft":
            body = {"version": case["version"], "answers": CONSULTATION_ANSWERS}
            await self.client.send(self.cast.physician, f"{path}/submit", body)
        self.done("submitted", id=self.known("opened"))

    async def claim(self) -> None:
        """An expert takes it."""
        await self.client.send(self.cast.expert, f"/api/queue/{self.known('opened')}/claim")
        self.done("claimed", id=self.known("opened"), by=self.cast.expert.id)

    async def draft(self) -> None:
        """She sees both pictures and writes."""
        case = f"/api/cases/{self.known('opened')}"
        for eye in EYES:
            instance_id = self.known(f"kept {eye}")
            await self.client.send(self.cast.expert, f"{case}/images/{instance_id}/seen")
        version = self.facts.get("saved", {"version": 0})["version"]
        status, told = await self.client.attempt(
            self.cast.expert, f"{case}/report/draft", {**REPORT, "version": version}
        )
        if status == 409 and told["code"] == "draft-changed":
            self.facts["saved"] = {"version": version + 1}  # an earlier answer was lost
            return
        if status == 409:
            self.client.give_up(told)
        assert status == 200, told
        self.done("drafted", id=self.known("opened"), by=self.cast.expert.id, version=version + 1)

    async def sign(self) -> None:
        """She signs what she is shown."""
        case = f"/api/cases/{self.known('opened')}"
        told = await self.client.get(self.cast.physician, case)
        if told["status"] == "reported":  # signed, and the answer was lost
            raise AbandonedError
        shown = await self.client.get(self.cast.expert, f"{case}/report/preview")
        body = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
        answer = await self.client.send(self.cast.expert, f"{case}/report/sign", body)
        self.done("signed", id=answer["report_id"], sha256=answer["sha256"])

    async def receive(self) -> None:
        """The centre has it."""
        path = f"/api/reports/{self.known('signed')}/receive"
        status, told = await self.client.attempt(self.cast.physician, path)
        assert status in {200, 409}, told
        self.done("received", id=self.known("signed"))

    async def decide(self) -> None:
        """The patient is to be referred."""
        body = {"choice": "accepted", "next_step": "refer"}
        path = f"/api/cases/{self.known('opened')}/decision"
        status, told = await self.client.attempt(self.cast.physician, path, body)
        if status == 409:
            raise AbandonedError
        assert status == 200, told
        self.done("decided", id=told["decision_id"], case_id=self.known("opened"))

    async def hold(self) -> None:
        """A slot is kept for her."""
        day = self.seed.choice(self.cast.days)
        path = f"/api/clinics/{self.cast.clinic_id}/slots?from={day}&until={day}"
        free = (await self.client.get(self.cast.physician, path))["slots"]
        wanted = [slot["id"] for slot in free][self.number :: 4][:5]
        if not wanted:
            raise AbandonedError
        path = f"/api/cases/{self.known('opened')}/hold"
        status, told = await self.client.attempt(self.cast.physician, path, {"slot_ids": wanted})
        if status == 409 and told["code"] == "slot-taken":
            return
        if status == 409:
            self.client.give_up(told)
        assert status == 200, told
        self.done("held", id=told["slot"]["id"], case_id=self.known("opened"))

    async def book(self) -> None:
        """And booked."""
        body = {
            "slot_id": self.known("held"),
            "urgency": "routine",
            "reason": "请散瞳检查",
            "consent": True,
        }
        path = f"/api/cases/{self.known('opened')}/booking"
        answer = await self.client.send(self.cast.physician, path, body)
        self.done("booked", id=answer["id"], slot_id=self.known("held"))


STEPS: Mapping[str, Callable[[Lane], Awaitable[None]]] = {
    "registered": Lane.register,
    "consented": Lane.consent,
    "opened": Lane.open_case,
    "uploaded": Lane.upload,
    "confirmed": Lane.confirm,
    "submitted": Lane.submit,
    "claimed": Lane.claim,
    "drafted": Lane.draft,
    "signed": Lane.sign,
    "received": Lane.receive,
    "decided": Lane.decide,
    "held": Lane.hold,
    "booked": Lane.book,
}
