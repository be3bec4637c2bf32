"""A real Orthanc as a child process: a peer over DICOM and DICOMweb, with a folder of its own."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests

from tests.makers.databases import free_port

TITLE: Final = "ORTHANC"
PLUGIN: Final = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
_START_S: Final = 60.0
_STOP_S: Final = 60.0
_ASK_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Orthanc:
    """Where it listens, and whose process it is."""

    http_port: int
    dicom_port: int
    process_id: int
    folder: Path

    @property
    def base(self) -> str:
        """The root of its own REST interface."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def dicomweb(self) -> str:
        """The root of its DICOMweb services."""
        return f"{self.base}/dicom-web"

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Speak to its REST interface; raises where it refuses."""
        told = self._speak(method, path, content)
        return json.loads(told) if told else None

    def fetch(self, path: str) -> bytes:
        """A file of it."""
        return self._speak("GET", path, None)

    def _speak(self, method: str, path: str, content: object) -> bytes:
        data = content if isinstance(content, bytes) else json.dumps(content)
        answer = _session().request(
            method, f"{self.base}{path}", data=None if content is None else data, timeout=_ASK_S
        )
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
        return answer.content

    def name_modality(self, name: str, *, title: str, port: int) -> None:
        """Let it know a DICOM peer on this machine."""
        self.ask("PUT", f"/modalities/{name}", {"AET": title, "Host": "127.0.0.1", "Port": port})

    def name_server(self, name: str, *, url: str, token: str) -> None:
        """Let it know a DICOMweb server, and the token that it shows there."""
        headers = {"Authorization": f"Bearer {token}"}
        content = {"Url": url, "HttpHeaders": headers, "ChunkedTransfers": "1"}
        self.ask("PUT", f"/dicom-web/servers/{name}", content)

    def take(self, file: bytes) -> str:
        """Put a file into it; its own id of the object."""
        told = self.ask("POST", "/instances", file)
        return str(told["ID"])

    def forget_all(self) -> None:
        """Remove everything that it holds."""
        for patient in self.ask("GET", "/patients"):
            self.ask("DELETE", f"/patients/{patient}")


@contextlib.contextmanager
def open_orthanc(folder: Path, **settings: object) -> Iterator[Orthanc]:
    """An Orthanc for the time of a block; `settings` stand in its configuration as they are."""
    folder.mkdir(parents=True)
    web, dicom = free_port(), free_port()
    configuration = folder / "orthanc.json"
    told = json.dumps(_configuration(folder, web, dicom) | settings, indent=1)
    configuration.write_text(told, "utf-8")
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen(
            ["Orthanc", str(configuration)],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        orthanc = Orthanc(web, dicom, process.pid, folder)
        _wait(orthanc, process)
        yield orthanc
    finally:
        _end(process)


def _configuration(folder: Path, web: int, dicom: int) -> Mapping[str, object]:
    """Everything on loopback and in one folder; objects of anybody are taken over DICOM."""
    return {
        "Name": "peer",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [PLUGIN],
        "HttpPort": web,
        "HttpVerbose": False,
        "DicomPort": dicom,
        "DicomAet": TITLE,
        "DicomAlwaysAllowStore": True,
        "UnknownSopClassAccepted": True,
        "OverwriteInstances": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "HttpsVerifyPeers": False,
        "DicomWeb": {
            "Enable": True,
            "Root": "/dicom-web/",
            "EnableWado": True,
            "Host": "127.0.0.1",
            "Ssl": False,
        },
    }


def _environment() -> dict[str, str]:
    """Without the machine's proxies: what it asks for is here."""
    return {name: text for name, text in os.environ.items() if "proxy" not in name.lower()}


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _wait(orthanc: Orthanc, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException, RuntimeError):
            orthanc.ask("GET", "/system")
            return
        time.sleep(0.05)
    raise RuntimeError((orthanc.folder / "orthanc.log").read_text("utf-8", "replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """At once: it takes seconds to say goodbye, and its folder is nobody's afterwards."""
    process.kill()
    process.wait(timeout=_STOP_S)
