"""Models that count and have no neural network: what a neural model has to beat."""
