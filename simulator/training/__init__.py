"""Time: a session holds one run, a runner trains it in a thread of its own."""
