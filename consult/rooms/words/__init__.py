"""What was written in a call by whoever was in it, guests included."""
