"""Who sits at each side of a call beside whoever joined it, as those who sit there say (U30)."""
