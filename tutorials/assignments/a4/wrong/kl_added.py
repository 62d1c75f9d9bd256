def erl_loss(losses, divergences, kl_weight):
    P, M, _ = divergences.shape
    pairs = max(1, M * (M - 1))
    return losses.mean() + kl_weight * divergences.sum() / (P * pairs)
