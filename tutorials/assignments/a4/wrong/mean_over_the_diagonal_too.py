def erl_loss(losses, divergences, kl_weight):
    return losses.mean() - kl_weight * divergences.mean()
