"""Sending what the spool holds, piece by piece (tus 1.0.0), each file once, whatever happens."""

import base64
import random
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final

from edge import VERSION
from edge.answers import LaterError, RefusedError, error_of, offset_of, trouble_of
from edge.cipher import SpoolDamagedError
from edge.heartbeat import make_heartbeat, read_fates
from edge.model import Item, State, Trouble
from edge.spool import Spool
from edge.store import Store
from edge.web import AwayError, Line

_TUS: Final = {"Tus-Resumable": "1.0.0"}
_OVERRIDE: Final = "X-HTTP-Method-Override"
_PIECE_TYPE: Final = "application/offset+octet-stream"
_PIECE_BYTES: Final = 1 << 20  # proxies of clinics take 2 MB
_UPLOADS: Final = "/api/uploads"
_ID: Final = re.compile(r"/([0-9a-f]{32})$")
_FIRST_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 300.0
_MOST_DOUBLINGS: Final = 8
_REFUSED_KEPT_S: Final = 30 * 86_400.0
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class Sender:
    """Sends one file after another; pauses grow while nobody answers."""

    def __init__(
        self, line: Line, *, spool: Spool, store: Store, clock: Callable[[], float]
    ) -> None:
        self._line = line
        self._spool = spool
        self._store = store
        self._clock = clock
        self._failures = 0
        self.trouble: Trouble | None = None

    def send_next(self) -> bool:
        """Send the next file that is due; False where none is, or nothing can be sent."""
        item = self._store.next_due(self._clock())
        if item is None:
            return False
        try:
            self._send(item)
        except RefusedError as refused:
            self._store.set_state(item.id, State.REFUSED, code=refused.code, now=self._clock())
        except SpoolDamagedError:
            self._store.set_state(item.id, State.REFUSED, code="spool-damaged", now=self._clock())
        except LaterError as later:
            return self._wait(item, later.trouble)
        except AwayError as away:
            return self._wait(item, away.trouble)
        self._open_again()
        return True

    def beat(self, *, trouble: Trouble | None) -> bool:
        """Tell the server how things are, and forget what it keeps; False where it is away."""
        sent = self._store.list_sent(100)
        told = make_heartbeat(
            self._store.depth(),
            version=VERSION,
            trouble=trouble or self.trouble,
            sent=[_upload_id(item) for item in sent],
            now=self._clock(),
        )
        try:
            answer = self._line.ask(
                "POST", "/api/machine/heartbeat", {"Content-Type": "application/json"}, told
            )
        except AwayError as away:
            self.trouble = away.trouble
            return False
        if answer.status != HTTPStatus.OK:
            self.trouble = trouble_of(answer.status)
            return False
        if self.trouble is not None:
            self._open_again()
        fates = read_fates(answer.data)
        for item in sent:
            self._settle(item, *fates.get(_upload_id(item), ("open", "")))
        self._drop_old_refusals()
        return True

    def close(self) -> None:
        """Let the line go."""
        self._line.close()

    def _settle(self, item: Item, fate: str, code: str) -> None:
        """Only what the server says that it keeps is forgotten here."""
        now = self._clock()
        if fate == "kept":
            self._store.forget(item.id)
            self._spool.remove(item.id)
        elif fate == "refused":
            self._store.set_state(item.id, State.REFUSED, code=code, now=now)
        elif fate == "unknown":
            self._store.set_url(item.id, "")
            self._store.set_state(item.id, State.WAITING, now=now)
        else:
            self._store.set_state(item.id, State.SENT, now=now)

    def _send(self, item: Item) -> None:
        offset = self._ask_offset(item) if item.url else None
        if offset is None:
            item, offset = self._create(item)
        while offset < item.size:
            offset = self._send_piece(item, offset)
        self._store.set_state(item.id, State.SENT, now=self._clock())

    def _create(self, item: Item) -> tuple[Item, int]:
        """Begin, or find what was begun under the same name; it is written down before a byte."""
        now = self._clock()
        told = {
            "filename": item.name,
            "spool_id": item.id,
            "seen_ms_ago": _age(item.seen_at, now),
        }
        if item.modified_ms is not None:
            told["last_modified"] = str(max(item.modified_ms, 0))
        if item.written_at is not None:
            told["written_ms_ago"] = _age(item.written_at, now)
        answer = self._line.ask(
            "POST",
            _UPLOADS,
            _TUS | {"Upload-Length": str(item.size), "Upload-Metadata": _metadata(told)},
        )
        found = _ID.search(answer.headers.get("location", ""))
        if answer.status != HTTPStatus.CREATED or found is None:
            raise error_of(answer)
        url = f"{_UPLOADS}/{found[1]}"
        self._store.set_url(item.id, url)
        offset = offset_of(answer)
        return _with_url(item, url), offset or 0

    def _ask_offset(self, item: Item) -> int | None:
        """How much has arrived; None where the server knows nothing of it any more."""
        answer = self._line.ask("POST", item.url, _TUS | {_OVERRIDE: "HEAD"})
        if answer.status in _GONE:
            self._store.set_url(item.id, "")
            return None
        offset = offset_of(answer)
        if answer.status != HTTPStatus.OK or offset is None:
            raise error_of(answer)
        return offset

    def _send_piece(self, item: Item, offset: int) -> int:
        piece = b"".join(_first(self._spool.read(item, start=offset), _PIECE_BYTES))
        answer = self._line.ask(
            "POST",
            item.url,
            _TUS | {_OVERRIDE: "PATCH", "Content-Type": _PIECE_TYPE, "Upload-Offset": str(offset)},
            piece,
        )
        if answer.status in _GONE:
            self._store.set_url(item.id, "")
            raise LaterError
        now_at = offset_of(answer)
        if answer.status != HTTPStatus.NO_CONTENT or now_at is None or now_at <= offset:
            raise error_of(answer)
        return now_at

    def _wait(self, item: Item, trouble: Trouble | None) -> bool:
        """Put one file off, or all of them; True where another may go."""
        now = self._clock()
        if trouble is None:
            self._store.put_off(item.id, until=now + _pause(item.tries))
            return True
        self.trouble = trouble
        self._line.close()
        self._store.put_off_all(now + _pause(self._failures))
        self._failures += 1
        return False

    def _open_again(self) -> None:
        if self._failures or self.trouble is not None:
            self._store.try_all(self._clock())
        self._failures, self.trouble = 0, None

    def _drop_old_refusals(self) -> None:
        for item_id in self._store.list_refused(before=self._clock() - _REFUSED_KEPT_S):
            self._store.forget(item_id)
            self._spool.remove(item_id)


def _pause(tries: int) -> float:
    """Growing, and never the same for two that began together."""
    longest = min(_FIRST_PAUSE_S * float(1 << min(tries, _MOST_DOUBLINGS)), _LONGEST_PAUSE_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads, hides nothing


def _metadata(told: dict[str, str]) -> str:
    return ",".join(
        f"{name} {base64.b64encode(text.encode('utf-8', 'replace')).decode()}"
        for name, text in told.items()
    )


def _age(at: float, now: float) -> str:
    return str(max(int((now - at) * 1000), 0))


def _upload_id(item: Item) -> str:
    return item.url.rpartition("/")[2]


def _with_url(item: Item, url: str) -> Item:
    return Item(
        **{name: getattr(item, name) for name in Item.__dataclass_fields__ if name != "url"},
        url=url,
    )


def _first(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    for piece in pieces:
        if count <= 0:
            return
        yield piece[:count]
        count -= len(piece)
