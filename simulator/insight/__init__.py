"""What the numbers mean: metrics of predictions, and how long an update takes in which way."""
