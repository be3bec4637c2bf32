"""Recordings of rooms: the media process is told what was agreed, and its parts are taken in."""
