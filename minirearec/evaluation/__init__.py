"""Evaluation by full ranking: ``scorers`` score, ``ranking`` ranks, ``metrics`` averages, ``full_ranking`` does all."""
