def attention_scores(query, key):
    return query @ key.T
