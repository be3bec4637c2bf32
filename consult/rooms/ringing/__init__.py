"""Ringing one after the other, until somebody answers a call or nobody is left."""
