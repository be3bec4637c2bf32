"""Write the network part of docs/conformance.md: `python -m server.dimse`."""

import sys
from pathlib import Path

from server.dimse.conformance import format_network

if __name__ == "__main__":
    sys.stdout.write(format_network(Path(__file__).parents[2] / "config") + "\n")
