def cross_entropy(log_probs, targets):
    return -log_probs[:, targets].mean()
