"""What goes over the jail's socket arrives, and not everything that comes back is believed."""

import errno
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from imaging.errors import JailCrashedError, JailRefusedError
from imaging.jail.protocol import (
    LONGEST_REQUEST,
    framed,
    receive_answer,
    receive_some,
    send_request,
)
from tests.makers.jails import lying_jail


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


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, "5", None, [28], 10**30])
def test_a_child_is_not_believed_that_the_disk_has_failed(tmp_path: Path, number: Any) -> None:
    with lying_jail(tmp_path, {"outcome": "disk", "errno": number}) as client:
        with pytest.raises(JailCrashedError):
            client.run_blocking("ping", {})


def test_facts_of_a_refusal_that_are_none_are_left_out(tmp_path: Path) -> None:
    with lying_jail(tmp_path, {"outcome": "refused", "reason": "x", "facts": [1]}) as client:
        with pytest.raises(JailRefusedError) as refused:
            client.run_blocking("ping", {})
    assert refused.value.facts == {}
