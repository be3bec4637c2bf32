"""Video rooms of cases: who called, who was let in, who was there, how good it was."""
