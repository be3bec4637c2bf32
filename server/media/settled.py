"""What holds for every room of this process."""

from dataclasses import dataclass

from server.media.ends import Engine
from server.media.limits import RoomRules
from server.media.recording.recorder import RecordingPlace


@dataclass(frozen=True, slots=True)
class Settled:
    """Bounds, addresses, and the way that the self-test left."""

    rules: RoomRules
    addresses: tuple[str, ...]
    public_address: str
    most_rooms: int
    is_short: bool
    recording: RecordingPlace
    engine: Engine
