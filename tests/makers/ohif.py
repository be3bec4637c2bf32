"""OHIF for one test: a viewer of other hands, from its npm package and at an origin of its own.

`python -m tests.makers.ohif` fetches it once; it is no dependency of ours (decision 0237).
"""

import base64
import contextlib
import hashlib
import http.client
import json
import mimetypes
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import unquote, urlsplit

from tests.makers.little_servers import Quiet, serve

ROOT: Final = Path(__file__).resolve().parent.parent.parent
VERSION: Final = "3.13.2"
_SHA512: Final = (
    "WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="
)
_CACHE: Final = ROOT / "node_modules" / ".cache"
_FOLDER: Final = _CACHE / f"ohif-{VERSION}"
_FETCH_S: Final = 600
_PASSED_ON_S: Final = 30
_BELOW: Final = "package/dist/"
# what nobody asks for here: maps for debuggers, and 100 MB for guesses by neural networks
_FOR_GUESSES: Final = "ort/"
_FOR_DEBUGGERS: Final = ".map"
# its page has a script in it, and its codecs make functions from text: at our own origin both are
# forbidden, which is why it never stands there; and nothing but its own origin is ever asked
POLICY: Final = (
    "default-src 'none'; connect-src 'self' blob: data:; img-src 'self' data: blob:; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; "
    "worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "frame-src 'self' blob:; object-src 'self' blob:; manifest-src 'self'; base-uri 'self'"
)


class NotFetchedError(RuntimeError):
    """OHIF is not here; `make ohif` brings it."""


def ohif_folder() -> Path:
    """The unpacked viewer."""
    if not _FOLDER.is_dir():
        raise NotFetchedError("run `make ohif` once: it needs the npm registry")
    return _FOLDER


def fetch_ohif() -> None:
    """Bring the package by npm, check its hash, and unpack what a browser asks for."""
    if _FOLDER.is_dir():
        return
    _CACHE.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="ohif-", dir=_CACHE) as scratch:
        packed = _pack(Path(scratch))
        found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if found != _SHA512:
            raise ValueError(f"{packed.name} has another hash: sha512-{found}")
        unpacked = Path(scratch) / "unpacked"
        _unpack(packed, unpacked)
        with contextlib.suppress(FileExistsError):  # another process was first
            unpacked.rename(_FOLDER)


def _pack(folder: Path) -> Path:
    """The package as the registry has it; nothing of it is run."""
    subprocess.run(
        [
            *("npm", "pack", f"@ohif/app@{VERSION}", "--ignore-scripts", "--silent"),
            *("--pack-destination", str(folder)),
        ],
        cwd=ROOT,
        check=True,
        timeout=_FETCH_S,
        stdout=subprocess.DEVNULL,
    )
    (packed,) = folder.glob("*.tgz")
    return packed


def _unpack(packed: Path, folder: Path) -> None:
    with tarfile.open(packed) as archive:
        for member in archive:
            name = member.name.removeprefix(_BELOW)
            inner = archive.extractfile(member)
            if (
                inner is None
                or name == member.name
                or name.startswith(_FOR_GUESSES)
                or name.endswith(_FOR_DEBUGGERS)
            ):
                continue
            target = folder / name
            if not target.resolve().is_relative_to(folder.resolve()):
                raise ValueError(f"{name} lies outside")
            target.parent.mkdir(parents=True, exist_ok=True)
            with inner, target.open("wb") as written:
                shutil.copyfileobj(inner, written)


@contextlib.contextmanager
def open_ohif(base: str, *, token: str, institution: str) -> Iterator[str]:
    """A hospital's OHIF: its address; it reads our DICOMweb as this machine, by its own proxy."""
    told = {"base": base, "token": token, "institution": institution, "folder": ohif_folder()}
    with contextlib.contextmanager(serve)(type("Served", (_Hospital,), told)) as served:
        yield f"http://127.0.0.1:{served.port}"


class _Hospital(Quiet):
    """Files of OHIF, its settings, and below /dicomweb our server."""

    timeout = _PASSED_ON_S
    base: str
    token: str
    institution: str
    folder: Path

    def respond(self) -> None:
        """Nothing is written from here."""
        path = unquote(urlsplit(self.path).path)
        if self.command != "GET":
            self.answer(405)
        elif path.startswith("/dicomweb/"):
            self._pass_on()
        elif path == "/app-config.js":
            self._give(self._settings(), "text/javascript")
        else:
            self._give_file(path)

    def _pass_on(self) -> None:
        """As a reverse proxy does: under the name that the browser asked for, as a machine."""
        there = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=_PASSED_ON_S)
        headers = {"Host": self.headers["Host"], "Authorization": f"Bearer {self.token}"}
        headers |= {"Accept": self.headers.get("Accept", "*/*")}
        try:
            there.request("GET", self.path, headers=headers)
            answer = there.getresponse()
            kind = answer.headers.get("Content-Type", "application/octet-stream")
            self.answer(answer.status, answer.read(), Content_Type=kind)
        finally:
            there.close()

    def _give_file(self, path: str) -> None:
        """A file, else the one page, which reads its address by itself."""
        found = (self.folder / path.lstrip("/")).resolve()
        if not (found.is_file() and found.is_relative_to(self.folder.resolve())):
            found = self.folder / "index.html"
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        self._give(found.read_bytes(), kind)

    def _give(self, body: bytes, kind: str) -> None:
        self.answer(200, body, Content_Type=kind, Content_Security_Policy=POLICY)

    def _settings(self) -> bytes:
        root = f"http://{self.headers['Host']}/dicomweb/{self.institution}"
        source = {
            "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
            "sourceName": "lianzhen",
            "configuration": {
                "friendlyName": "Lianzhen",
                "name": "lianzhen",
                "qidoRoot": root,
                "wadoRoot": root,
                "wadoUriRoot": root,
                "qidoSupportsIncludeField": False,
                "supportsReject": False,
                "supportsFuzzyMatching": False,
                "supportsWildcard": True,
                "imageRendering": "wadors",
                "thumbnailRendering": "thumbnail",
                "enableStudyLazyLoad": True,
                "singlepart": "bulkdata,video",
                "bulkDataURI": {"enabled": True, "relativeResolution": "studies"},
            },
        }
        told = {
            "routerBasename": "/",
            "extensions": [],
            "modes": [],
            "showStudyList": True,
            "maxNumberOfWebWorkers": 1,
            "showWarningMessageForCrossOrigin": False,
            "showCPUFallbackMessage": False,
            "investigationalUseDialog": {"option": "never"},
            "defaultDataSourceName": "lianzhen",
            "dataSources": [source],
        }
        return f"window.config = {json.dumps(told)};".encode()


if __name__ == "__main__":
    fetch_ohif()
