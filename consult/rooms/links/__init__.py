"""Links by which somebody without an account, or a second device, comes into one room once."""
