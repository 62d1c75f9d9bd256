"""Models that count, without a neural network: the baselines that a neural model has to beat."""
