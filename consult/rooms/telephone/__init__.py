"""A consultation by telephone, written down as one of its case by whoever talked (U30)."""
