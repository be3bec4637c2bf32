"""Web's side of video rooms: they are opened in the media process, and lines passed through."""
