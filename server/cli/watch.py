"""`lianzhen watch`: the agent beside a camera, which knows nothing of this server but its doors."""

from collections.abc import Sequence

from edge.__main__ import main


def run(arguments: Sequence[str]) -> int:
    """Watch until a signal."""
    return main(arguments)
