"""What the doors of images share: stored bytes, room in memory, and who was shown what."""
