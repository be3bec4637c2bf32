"""Cases that a physician has submitted before every photograph had arrived (U11)."""
