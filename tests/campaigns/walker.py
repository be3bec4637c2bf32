"""A client that walks: who acts, what it knows, what it was told, and how it sends photographs."""

import asyncio
import base64
import random
from dataclasses import dataclass, field
from typing import Any

from tests.campaigns.client import Client
from tests.campaigns.ledger import Ledger
from tests.makers.pictures import make_jpeg
from tests.makers.world_people import Person

EYES = ("right", "left")
_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = {**_TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass
class Cast:
    """Who acts in the loop, and where the slots are."""

    physician: Person
    expert: Person
    panel_id: str
    clinic_id: str
    days: list[str]


@dataclass
class Walker:
    """One client; `facts` is what it knows of its present patient."""

    client: Client
    cast: Cast
    ledger: Ledger
    number: int
    seed: random.Random
    facts: dict[str, Any] = field(default_factory=dict)
    rounds: int = 0

    def known(self, name: str) -> str:
        """The id that an earlier step was told."""
        return str(self.facts[name]["id"])

    def done(self, step: str, **told: Any) -> None:
        """The answer is here: write it down durably, then go on."""
        self.ledger.write(step.split(" ", maxsplit=1)[0], **told)
        self.facts[step] = told

    async def send_photographs(self) -> None:
        """Two photographs by tus, in pieces; an upload that was cut goes on where it stood."""
        for eye in EYES:
            if f"placed {eye}" not in self.facts:
                await self._begin_upload(eye)
            await self._send_rest(eye)
            await self._wait_for_result(eye)

    async def _begin_upload(self, eye: str) -> None:
        data = make_jpeg(quality=60 + self.seed.randrange(35)) + self.seed.randbytes(9)
        told = {"filename": f"{eye}.jpg", "case_id": self.known("opened")}
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items()
        )
        headers = {**_TUS, "Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        async with self.client.ask("POST", "/api/uploads", self.cast.physician, headers) as answer:
            await self.client.expect(answer, 201)
            url = answer.headers["Location"]
        self.facts[f"bytes {eye}"] = data
        self.done(f"placed {eye}", id=url.rsplit("/", 1)[-1], url=url, size=len(data))

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
            self.done(f"offset {eye}", id=place, offset=offset, size=len(data))

    async def _wait_for_result(self, eye: str) -> None:
        url = self.facts[f"placed {eye}"]["url"]
        while True:
            told = await self.client.get(self.cast.physician, f"{url}/result")
            if told["status"] in {"done", "refused"}:
                break
            await asyncio.sleep(0.02)
        if told["status"] == "refused":
            raise AssertionError(told)
        self.done(f"stored {eye}", id=told["files"][0]["image_id"], upload_id=told["id"])
