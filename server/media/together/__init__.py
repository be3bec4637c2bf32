"""What the people in a room look at together: a picture of the case, hands on it, and lines."""
