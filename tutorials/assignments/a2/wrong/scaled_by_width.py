def attention_scores(query, key):
    return query @ key.T / query.shape[-1]
