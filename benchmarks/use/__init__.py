"""Figures of use: what a morning costs people in clicks, keys and seconds."""
