"""Print the one wheel of a folder as a lock that pins its hash, so that nothing is unpinned.

python deploy/pin_wheel.py FOLDER > own.lock
"""

import hashlib
import sys
from pathlib import Path


def pin(folder: Path) -> str:
    """`name==version --hash=sha256:…` of the wheel that was built there."""
    (wheel,) = folder.glob("*.whl")
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"


if __name__ == "__main__":
    print(pin(Path(sys.argv[1])))
