def causal_attention(query, key, value, heads):
    weights = masked_softmax(attention_scores(query, key), causal_mask(len(query)))
    return weights @ value
