"""Memory of our server while forty uploads of 50 MB and one of 2 GB come in by STOW-RS.

    python -m benchmarks.imaging.memory [--uploads 40] [--large-mb 2000]

Every process counts by its share (Pss of proc(5)); bytes in the page cache are the system's.
"""

import argparse
import http.client
import threading
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.imaging.objects import large
from benchmarks.imaging.pair import Pair, Server, open_pair
from benchmarks.imaging.spent import memory_bytes, wait_until_calm
from benchmarks.imaging.storing import BOUNDARY, HEADERS
from benchmarks.load import Row, report

_MEGABYTE: Final = 1 << 20
_MOST_MORE_MB: Final = 200
_EVERY_S: Final = 0.1


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--uploads", type=int, default=40)
    parser.add_argument("--large-mb", type=int, default=2000)
    chosen = parser.parse_args()
    with open_pair() as pair:
        rows = measure(pair, uploads=chosen.uploads, large_mb=chosen.large_mb)
    report("Memory while large objects come in", rows)


def measure(pair: Pair, *, uploads: int, large_mb: int) -> list[Row]:
    """The most that our processes hold more than before."""
    wait_until_calm(pair.ours.process_id)
    before = memory_bytes(pair.ours.process_id)
    sizes = [50] * uploads + [large_mb]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=_send, args=(pair.ours, number, size, statuses))
        for number, size in enumerate(sizes)
    ]
    for thread in threads:
        thread.start()
    most = before
    while any(thread.is_alive() for thread in threads):
        most = max(most, memory_bytes(pair.ours.process_id))
        time.sleep(_EVERY_S)
    more = (most - before) / _MEGABYTE
    stored = sum(status == http.client.OK for status in statuses)
    what = f"{uploads} uploads of 50 MB and one of {large_mb} MB at once, {stored} stored"
    held = more <= _MOST_MORE_MB and stored == len(sizes)
    figure = f"{before / _MEGABYTE:.0f} MB before, at most {more:.0f} MB more"
    return [Row(what, figure, f"≤ {_MOST_MORE_MB} MB more", held)]


def _send(server: Server, number: int, megabytes: int, statuses: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.host_port, timeout=1200)
    pieces = _body(number, megabytes)
    length = sum(map(len, _frame())) + len(large(number, megabytes)) + megabytes * _MEGABYTE
    told = server.headers | HEADERS | {"Content-Length": str(length)}
    connection.request("POST", f"{server.root}/studies", body=pieces, headers=told)
    answer = connection.getresponse()
    answer.read()
    statuses.append(answer.status)
    connection.close()


def _body(number: int, megabytes: int) -> Iterator[bytes]:
    head, tail = _frame()
    yield head
    yield large(number, megabytes)
    piece = bytes(_MEGABYTE)
    for _ in range(megabytes):
        yield piece
    yield tail


def _frame() -> tuple[bytes, bytes]:
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n"
    return head.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


if __name__ == "__main__":
    main()
