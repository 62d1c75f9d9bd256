"""Evaluation by full ranking: ``ranking`` counts, ``metrics`` averages, ``scorers`` score, ``full_ranking`` does it all."""
