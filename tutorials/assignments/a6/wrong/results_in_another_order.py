def attention_backward(grad_out, query, key, value, mask):
    weights = attention_weights(query, key, mask)
    grad_scores = softmax_backward(weights_backward(grad_out, value), weights)
    grad_query, grad_key = scores_backward(grad_scores, query, key)
    return grad_key, grad_query, value_backward(grad_out, weights)
