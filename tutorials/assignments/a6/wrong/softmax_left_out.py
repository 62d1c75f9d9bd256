def attention_backward(grad_out, query, key, value, mask):
    weights = attention_weights(query, key, mask)
    grad_query, grad_key = scores_backward(weights_backward(grad_out, value) * mask, query, key)
    return grad_query, grad_key, value_backward(grad_out, weights)
