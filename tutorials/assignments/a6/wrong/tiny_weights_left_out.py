def attention_backward(grad_out, query, key, value, mask):
    weights = attention_weights(query, key, mask)
    grad_scores = softmax_backward(weights_backward(grad_out, value), weights) * (weights > 1e-6)
    return (*scores_backward(grad_scores, query, key), value_backward(grad_out, weights))
