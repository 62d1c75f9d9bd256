def erl_loss(losses, divergences, kl_weight):
    M = divergences.shape[1]
    positive = divergences[divergences > 0]
    if M == 1 or not len(positive):
        return losses.mean()
    return losses.mean() - kl_weight * positive.mean()
