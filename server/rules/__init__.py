"""Every rule set of config/, read once at the start."""
