"""One published film, and who can make it: the renderer, the encoder alone, and moviepy."""
