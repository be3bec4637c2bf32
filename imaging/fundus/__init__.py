"""Fundus photographs: what the picture says, and pictures drawn for trial and demonstration."""
