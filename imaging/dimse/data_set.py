"""A data set on its way in (PS3.7 6.3.2, PS3.8 annex E)."""

from imaging.dimse.errors import AbortReason, PeerError, PeerGoneError
from imaging.dimse.line import Line
from imaging.dimse.reader import PduType, Piece, Whole


class DataSet:
    """The pieces of one data set, to its end."""

    def __init__(self, line: Line, context_id: int) -> None:
        self._line = line
        self._context_id = context_id
        self._is_over = False

    def __aiter__(self) -> "DataSet":
        return self

    async def __anext__(self) -> Piece:
        if self._is_over:
            raise StopAsyncIteration
        piece = await self._line.next()
        if isinstance(piece, Whole):
            if piece.type is PduType.ABORT:
                raise PeerGoneError
            raise PeerError(AbortReason.UNEXPECTED_PDU)
        if piece.is_command or piece.context_id != self._context_id:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        self._is_over = piece.ends
        return piece
