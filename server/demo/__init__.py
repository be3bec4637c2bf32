"""The demonstration consortium: fiction from config/demo.toml, the same for the same seed."""
