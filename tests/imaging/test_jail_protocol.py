"""What goes over the jail's socket arrives, however quick the other side is."""

import os
import socket
from typing import Any

from imaging.jail.protocol import (
    LONGEST_REQUEST,
    framed,
    receive_answer,
    receive_some,
    send_request,
)


class _BeforeAQuickWorker(socket.socket):
    """The worker has read, answered and hung up before the asker does anything more."""

    worker: socket.socket

    def sendmsg(self, *arguments: Any) -> int:
        sent = super().sendmsg(*arguments)
        _data, descriptors = receive_some(self.worker, LONGEST_REQUEST)
        for each in descriptors:
            os.close(each)
        self.worker.sendall(framed({"outcome": "answered"}, longest=LONGEST_REQUEST))
        self.worker.close()
        return sent


def test_an_answer_that_comes_at_once_is_heard() -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with _BeforeAQuickWorker(fileno=near.detach()) as asker:
        asker.worker = far
        asker.settimeout(5)
        send_request(asker, framed({"job": "ping"}, longest=LONGEST_REQUEST), [0])
        assert receive_answer(asker) == {"outcome": "answered"}
