"""What each participant of a call thinks, signed by herself: it changes no report."""
