"""The test of a line: a room in which a browser hears itself by way of the media process."""
