"""Photographs of papers in a case, and the telephone that takes them (U17, U21)."""
