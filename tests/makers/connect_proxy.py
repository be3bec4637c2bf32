"""A small HTTP proxy as hospitals have them: CONNECT to port 443 and nothing else.

`python -m tests.makers.connect_proxy ADDRESS PORT UPSTREAM`: every name leads to UPSTREAM.
"""

import asyncio
import sys

_PORT = b":443"


class Proxy:
    """It writes each CONNECT with what became of it."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a browser."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n")[0].split(b" ")
            if method != b"CONNECT" or not target.endswith(_PORT):
                _tell("refused", target.decode())
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                return
            _tell("passed", target.decode())
            there, to_there = await asyncio.open_connection(self.upstream, 443)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pass(reader, to_there), _pass(there, writer))
        except (OSError, ValueError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


def _tell(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def _main(address: str, port: str, upstream: str) -> None:
    server = await asyncio.start_server(Proxy(upstream).serve, address, int(port))
    _tell("ready")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
