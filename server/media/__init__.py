"""Video rooms: a process of its own passes packets on between participants, decoding nothing.

`engine` is the one door to aiortc, `process` what the role starts, `desk` its Unix socket, and
`asking` web's half of that; a room is used through `room.Room` alone.
"""
