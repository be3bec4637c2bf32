"""One client's way through the loop, again and again; every acknowledged step is in the ledger.

An answer that never came is asked for again after the restart: the step either happened or did
not, and both must be well.
"""

import asyncio
import base64
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from server.transactions import utc_now
from tests.campaigns.client import AbandonedError, Client
from tests.campaigns.ledger import Ledger
from tests.makers.cases import CONSULTATION_ANSWERS, citizen_number
from tests.makers.pictures import make_jpeg
from tests.makers.world_people import PASSWORD, Person

CUT = (aiohttp.ClientError, ConnectionError, TimeoutError, asyncio.IncompleteReadError)
_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = {**_TUS, "Content-Type": "application/offset+octet-stream"}
_EYES = ("right", "left")
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
class Cast:
    """Who acts in the loop, and where the slots are."""

    physician: Person
    expert: Person
    panel_id: str
    clinic_id: str
    day: str


@dataclass
class Lane:
    """One client; `facts` is what it knows of its present patient."""

    client: Client
    cast: Cast
    ledger: Ledger
    number: int
    seed: random.Random
    facts: dict[str, Any] = field(default_factory=dict)
    rounds: int = 0

    async def run(self) -> None:
        """Go on until the line is cut."""
        async with self.client.open():
            while True:
                try:
                    await self._step()
                except AbandonedError:
                    self.facts = {}

    async def _step(self) -> None:
        """The first step of the loop that this patient has not been acknowledged for."""
        for name in STEPS:
            if name not in self.facts:
                await getattr(self, f"_{name}")()
                return
        self.rounds += 1
        self.facts = {}

    async def _registered(self) -> None:
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
        self._done("registered", id=answer["id"], name=body["name"], number=number)

    async def _consented(self) -> None:
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
        path = f"/api/patients/{self._id('registered')}/consents"
        answer = await self.client.send(self.cast.physician, path, body)
        self._done("consented", id=answer["id"], patient_id=self._id("registered"))

    async def _opened(self) -> None:
        body = {
            "patient_id": self._id("registered"),
            "service_type": "remote_consultation",
            "panel_id": self.cast.panel_id,
        }
        answer = await self.client.send(self.cast.physician, "/api/cases", body)
        self._done("opened", id=answer["id"], patient_id=self._id("registered"))

    async def _uploaded(self) -> None:
        """Two photographs by tus, in pieces; an upload that was cut goes on where it stood."""
        for eye in _EYES:
            if f"placed {eye}" not in self.facts:
                await self._begin_upload(eye)
            await self._send_rest(eye)
            await self._wait_for_result(eye)
        self.facts["uploaded"] = True

    async def _begin_upload(self, eye: str) -> None:
        data = make_jpeg(quality=60 + self.seed.randrange(35)) + self.seed.randbytes(9)
        told = {"filename": f"{eye}.jpg", "case_id": self._id("opened")}
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items()
        )
        headers = {**_TUS, "Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        async with self.client.ask("POST", "/api/uploads", self.cast.physician, headers) as answer:
            await self.client.expect(answer, 201)
            url = answer.headers["Location"]
        self.facts[f"bytes {eye}"] = data
        self._done(f"placed {eye}", id=url.rsplit("/", 1)[-1], url=url, size=len(data))

    async def _send_rest(self, eye: str) -> None:
        url, data = self.facts[f"placed {eye}"]["url"], self.facts[f"bytes {eye}"]
        async with self.client.ask("HEAD", url, self.cast.physician, _TUS) as answer:
            await self.client.expect(answer, 200)
            offset = int(answer.headers["Upload-Offset"])
        known = self.facts.get(f"offset {eye}", {"offset": 0})["offset"]
        assert offset >= known, f"{offset} bytes are left of {known} acknowledged"
        while offset < len(data):
            piece = data[offset : offset + max(len(data) // 3, 1)]
            headers = {**_PIECE, "Upload-Offset": str(offset)}
            async with self.client.ask("PATCH", url, self.cast.physician, headers, piece) as answer:
                await self.client.expect(answer, 204)
                offset = int(answer.headers["Upload-Offset"])
            place = self.facts[f"placed {eye}"]["id"]
            self._done(f"offset {eye}", id=place, offset=offset, size=len(data))

    async def _wait_for_result(self, eye: str) -> None:
        url = self.facts[f"placed {eye}"]["url"]
        while True:
            told = await self.client.get(self.cast.physician, f"{url}/result")
            if told["status"] in {"done", "refused"}:
                break
            await asyncio.sleep(0.02)
        if told["status"] == "refused":
            raise AssertionError(told)
        instance_id = told["files"][0]["instance_id"]
        self._done(f"stored {eye}", id=instance_id, upload_id=told["id"])

    async def _confirmed(self) -> None:
        path = f"/api/cases/{self._id('opened')}/images"
        found = (await self.client.get(self.cast.physician, path))["images"]
        for image, eye in zip(found, _EYES, strict=True):
            field_code = {"eye": eye, "field": "macula_centred"}
            await self.client.send(self.cast.physician, f"{path}/{image['id']}/confirm", field_code)
            self._done(f"confirmed {eye}", id=image["id"], eye=eye)
        self.facts["confirmed"] = True

    async def _submitted(self) -> None:
        path = f"/api/cases/{self._id('opened')}"
        case = await self.client.get(self.cast.physician, path)
        if case["status"] == "draft":
            body = {"version": case["version"], "answers": CONSULTATION_ANSWERS}
            await self.client.send(self.cast.physician, f"{path}/submit", body)
        self._done("submitted", id=self._id("opened"))

    async def _claimed(self) -> None:
        await self.client.send(self.cast.expert, f"/api/queue/{self._id('opened')}/claim")
        self._done("claimed", id=self._id("opened"), by=self.cast.expert.id)

    async def _drafted(self) -> None:
        case = f"/api/cases/{self._id('opened')}"
        for eye in _EYES:
            instance_id = self.facts[f"stored {eye}"]["id"]
            await self.client.send(self.cast.expert, f"{case}/images/{instance_id}/seen")
        version = self.facts.get("saved", {"version": 0})["version"]
        status, told = await self.client.attempt(
            self.cast.expert, f"{case}/report/draft", {**REPORT, "version": version}
        )
        if status == 409:  # the answer to an earlier try was lost on the way
            self.facts["saved"] = {"version": version + 1}
            return
        assert status == 200, told
        self._done("drafted", id=self._id("opened"), by=self.cast.expert.id, version=version + 1)

    async def _signed(self) -> None:
        case = f"/api/cases/{self._id('opened')}"
        told = await self.client.get(self.cast.physician, case)
        if told["status"] == "reported":  # signed, and the answer was lost
            raise AbandonedError
        shown = await self.client.get(self.cast.expert, f"{case}/report/preview")
        body = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
        answer = await self.client.send(self.cast.expert, f"{case}/report/sign", body)
        self._done("signed", id=answer["report_id"], sha256=answer["sha256"])

    async def _received(self) -> None:
        path = f"/api/reports/{self._id('signed')}/receive"
        status, told = await self.client.attempt(self.cast.physician, path)
        assert status in {200, 409}, told
        self._done("received", id=self._id("signed"))

    async def _decided(self) -> None:
        body = {"choice": "accepted", "next_step": "refer"}
        path = f"/api/cases/{self._id('opened')}/decision"
        status, told = await self.client.attempt(self.cast.physician, path, body)
        if status == 409:
            raise AbandonedError
        assert status == 200, told
        self._done("decided", id=told["decision_id"], case_id=self._id("opened"))

    async def _held(self) -> None:
        day = self.cast.day
        path = f"/api/clinics/{self.cast.clinic_id}/slots?from={day}&until={day}"
        free = (await self.client.get(self.cast.physician, path))["slots"]
        wanted = [slot["id"] for slot in free][self.number :: 4][:5]
        if not wanted:
            raise AbandonedError
        path = f"/api/cases/{self._id('opened')}/hold"
        status, told = await self.client.attempt(self.cast.physician, path, {"slot_ids": wanted})
        if status == 409:
            return
        assert status == 200, told
        self._done("held", id=told["slot"]["id"], case_id=self._id("opened"))

    async def _booked(self) -> None:
        body = {
            "slot_id": self._id("held"),
            "urgency": "routine",
            "reason": "请散瞳检查",
            "consent": True,
        }
        path = f"/api/cases/{self._id('opened')}/booking"
        answer = await self.client.send(self.cast.physician, path, body)
        self._done("booked", id=answer["id"], slot_id=self._id("held"))

    def _id(self, name: str) -> str:
        return str(self.facts[name]["id"])

    def _done(self, name: str, **told: Any) -> None:
        """The answer is here: write it down durably, then go on."""
        self.ledger.write(name.split(" ")[0], **told)
        self.facts[name] = told


STEPS = (
    "registered",
    "consented",
    "opened",
    "uploaded",
    "confirmed",
    "submitted",
    "claimed",
    "drafted",
    "signed",
    "received",
    "decided",
    "held",
    "booked",
)
