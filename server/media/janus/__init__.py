"""Rooms that Janus carries: a program of its own, which a hospital installs and runs beside us.

It is under the GPL and spoken to over a socket alone: nothing of it is imported or shipped here.
What it lacks for us stands in `engine.JanusEngine.lacks` (decision 0293).
"""
