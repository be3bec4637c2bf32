"""TURN: a relay that carries video where a network lets no UDP through to the media process.

The relay is coturn or another; `credentials` makes what it lets in, `handing` gives it to those who
are signed in, and `messages` with `allocate` ask it for a place as a browser would.
"""
