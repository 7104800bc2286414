"""What the numbers mean: metrics of predictions."""
