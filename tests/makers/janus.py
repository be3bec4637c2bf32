"""A real Janus (Debian: janus) as a child process, spoken to over a Unix socket alone."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

_STARTS_S, _STOPS_S = 60.0, 20.0
_OTHERS = ",".join(
    f"libjanus_{name}.so"
    for name in (
        *("audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip"),
        *("streaming", "textroom", "videocall", "voicemail"),
    )
)
_TRANSPORTS = ",".join(
    f"libjanus_{name}.so" for name in ("http", "mqtt", "nanomsg", "pfunix", "rabbitmq")
)
_CONFIG = {
    "janus.jcfg": """
general: {{ debug_level = 4; admin_secret = "of-the-tests"; protected_folders = [] }}
nat: {{ nice_debug = false; ice_enforce_list = "{address}" }}
media: {{ rtp_port_range = "{first}-{last}" }}
plugins: {{ disable = "{others}" }}
transports: {{ disable = "{transports}" }}
""",
    "janus.transport.websockets.jcfg": """
general: {{ json = "plain"; ws = true; ws_unix = "{socket}"; wss = false }}
admin: {{ admin_ws = false; admin_wss = false }}
""",
    "janus.plugin.videoroom.jcfg": "general: {{ string_ids = false }}\n",
}


@contextlib.contextmanager
def open_janus(
    folder: Path, *, address: str, ports: range, inside: Sequence[str] = ()
) -> Iterator[Path]:
    """Its socket, for the time of a block; `address` must not be a loopback's (it ignores them).

    `inside` is what its command begins with, where it runs in another network.
    """
    assert shutil.which("janus"), "the tests need janus: make libraries-test"
    folder.mkdir(parents=True)
    socket = folder / "ws.sock"
    told = {"address": address, "first": ports[0], "last": ports[-1], "socket": socket}
    for name, text in _CONFIG.items():
        words = text.format(**told, others=_OTHERS, transports=_TRANSPORTS)
        (folder / name).write_text(words, "utf-8")
    with (folder / "janus.log").open("wb") as log:
        process = subprocess.Popen(
            [*inside, "janus", "-F", str(folder)], cwd=folder, stdout=log, stderr=log
        )
    try:
        until_s = time.monotonic() + _STARTS_S
        while not socket.is_socket():
            said = (folder / "janus.log").read_text("utf-8", "replace")
            assert process.poll() is None, said[-4000:]
            assert time.monotonic() < until_s, said[-4000:]
            time.sleep(0.05)
        yield socket
    finally:
        process.terminate()
        process.wait(_STOPS_S)
