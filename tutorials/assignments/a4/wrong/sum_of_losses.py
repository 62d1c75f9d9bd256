def cross_entropy(log_probs, targets):
    total = 0.0
    for p in range(len(targets)):
        total -= log_probs[p, targets[p]]
    return total
