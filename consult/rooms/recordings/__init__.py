"""Recordings of video rooms: who agreed, whether it goes on, and where what was taken lies."""
