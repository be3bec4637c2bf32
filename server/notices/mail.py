"""Sending one e-mail by SMTP (RFC 5321), over TLS (RFC 3207, RFC 8314), within a time limit."""

import asyncio
import base64
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Final

from consult.notices.model import NoticeRules
from server.notices.failures import NotSentError
from server.notices.wording import Words
from server.settings import Settings
from server.threads import in_thread
from server.transactions import utc_now

_LONGEST_LINE: Final = 4096
_MOST_LINES: Final = 100
_OUR_NAME: Final = "lianzhen"


async def send_mail(settings: Settings, rules: NoticeRules, *, to: str, words: Words) -> None:
    """Bring one message to the mail server; raises NotSentError."""
    if not settings.mail_host:
        raise NotSentError("mail-off")
    try:
        async with asyncio.timeout(rules.message_s):
            await _send(settings, rules, to=to, words=words)
    except TimeoutError:
        raise NotSentError("peer-slow") from None
    except ssl.SSLError:
        raise NotSentError("peer-untrusted") from None
    except (OSError, EOFError, ValueError):
        raise NotSentError("peer-gone") from None


async def _send(settings: Settings, rules: NoticeRules, *, to: str, words: Words) -> None:
    trust = None
    if settings.mail_security != "none":
        trust = await in_thread(_trust, settings)
    line = await _connect(settings, rules, trust if settings.mail_security == "tls" else None)
    try:
        await line.expect(220)
        await line.ask(f"EHLO {_OUR_NAME}", 250)
        if settings.mail_security == "starttls" and trust is not None:
            await line.ask("STARTTLS", 220)
            await line.writer.start_tls(trust, server_hostname=settings.mail_host)
            await line.ask(f"EHLO {_OUR_NAME}", 250)
        await _sign_in(line, settings)
        await line.ask(f"MAIL FROM:<{settings.mail_from}>", 250)
        await line.ask(f"RCPT TO:<{to}>", 250, 251)
        await line.ask("DATA", 354)
        await line.ask(_letter(settings.mail_from, to, words), 250)
        with suppress(NotSentError):  # the letter is theirs already
            await line.ask("QUIT", 221)
    finally:
        line.writer.close()


async def _connect(
    settings: Settings, rules: NoticeRules, trust: ssl.SSLContext | None
) -> "_Conversation":
    try:
        async with asyncio.timeout(rules.connect_s):
            reader, writer = await asyncio.open_connection(
                settings.mail_host, settings.mail_port, ssl=trust, limit=_LONGEST_LINE
            )
    except ssl.SSLError:
        raise
    except (OSError, TimeoutError):
        raise NotSentError("peer-absent") from None
    return _Conversation(reader, writer)


async def _sign_in(line: "_Conversation", settings: Settings) -> None:
    if not settings.mail_user or settings.mail_password_file is None:
        return
    password = (await in_thread(settings.mail_password_file.read_text, "utf-8")).strip()
    # RFC 4616: nobody else's mailbox, our name, our password
    plain = base64.b64encode(f"\0{settings.mail_user}\0{password}".encode()).decode()
    await line.ask(f"AUTH PLAIN {plain}", 235, refused="refused-sign-in")


class _Conversation:
    """Commands and answers of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, command: str, *codes: int, refused: str = "refused") -> None:
        """Say this, and hear one of these answers; raises NotSentError for another."""
        self.writer.write(command.encode() + b"\r\n")
        await self.writer.drain()
        await self.expect(*codes, refused=refused)

    async def expect(self, *codes: int, refused: str = "refused") -> None:
        """Hear one of these answers, which may be of several lines."""
        for _ in range(_MOST_LINES):
            told = await self.reader.readline()
            if not told.endswith(b"\n"):
                raise NotSentError("peer-gone")
            if told[3:4] != b"-":
                if told[:3] not in {str(code).encode() for code in codes}:
                    raise NotSentError(refused)
                return
        raise NotSentError(refused)


def _letter(sender: str, to: str, words: Words) -> str:
    """The letter as it follows DATA: base64 has no line that begins with a dot (RFC 5321 4.5.2)."""
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = sender, to, words.subject
    letter["Date"] = format_datetime(utc_now())
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    letter.set_content(words.text, cte="base64")
    return letter.as_string() + "."


def _trust(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.mail_ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
