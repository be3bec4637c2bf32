"""Whose turn it is to speak in a call: hands that are raised, and the word that the host gives."""
