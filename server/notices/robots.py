"""Sending one message by a group's robot: 企业微信 and 钉钉, each as its maker documents it."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import quote

import aiohttp

from consult.notices.model import NoticeRules, WayKind, is_allowed
from consult.notices.outbox import Message
from server.dispatching.web_line import read_bounded
from server.notices.failures import NotSentError
from server.notices.wording import Words


async def send_by_robot(
    message: Message, words: Words, *, rules: NoticeRules, origins: Collection[str], now_ms: int
) -> None:
    """Bring one message to a robot; raises NotSentError. No redirect is followed."""
    way = message.way
    if not is_allowed(way.kind, way.address, rules=rules, origins=origins):
        raise NotSentError("not-allowed")
    address = way.address
    if way.kind is WayKind.DINGTALK and message.secret:
        address = signed(address, secret=message.secret, now_ms=now_ms)
    async with _saying_why():
        status, raw = await _post(address, words, rules)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise NotSentError("elsewhere")
    # Both robots answer 200 to what they refuse as well, with the reason in `errcode`.
    if status != HTTPStatus.OK or not _is_taken(raw):
        raise NotSentError("refused")


@asynccontextmanager
async def _saying_why() -> AsyncIterator[None]:
    """Whatever goes wrong with a line, as the reason that is told."""
    try:
        yield
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
        raise NotSentError("peer-untrusted") from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, UnicodeError):
        raise NotSentError("peer-absent") from None
    except TimeoutError:
        raise NotSentError("peer-slow") from None
    except (aiohttp.ClientError, OSError, ValueError):
        raise NotSentError("peer-gone") from None


def signed(address: str, *, secret: str, now_ms: int) -> str:
    """The address with time and signature: HMAC-SHA256 of both lines, as 钉钉 asks for it."""
    told = f"{now_ms}\n{secret}".encode()
    mac = base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}timestamp={now_ms}&sign={quote(mac, safe='')}"


async def _post(address: str, words: Words, rules: NoticeRules) -> tuple[int, bytes]:
    timeout = aiohttp.ClientTimeout(total=rules.message_s, sock_connect=rules.connect_s)
    body = {"msgtype": "text", "text": {"content": words.text}}
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "lianzhen"},
            timeout=timeout,
        ) as session,
        session.post(address, json=body, allow_redirects=False) as answer,
    ):
        return answer.status, await read_bounded(answer, rules.longest_answer_bytes)


def _is_taken(raw: bytes) -> bool:
    try:
        told = json.loads(raw)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("errcode") == 0
