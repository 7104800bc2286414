"""Films of the training: frames in, a file out. No Qt."""
