"""Rooms beside Janus VideoRoom: the same load, by the same light participants, in one run."""
