"""What generated programs are made of: literals that are never code, and the parts that several programs share."""
