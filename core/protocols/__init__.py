"""Published class lists of zero-shot protocols, one normalised name a line."""
