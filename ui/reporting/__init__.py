"""The run written down: one HTML file, from values alone."""
