"""The screening morning: who stands on the list of a day, and which draft each has (Q-09)."""
