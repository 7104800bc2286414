"""Nodeglow's engine: a neural-network simulator without a window."""
