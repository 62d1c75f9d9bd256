def prl_loss(losses, contrasts, progressive_weight, contrastive_weight):
    return losses[-1] + progressive_weight * losses[:-1].sum() + contrastive_weight * contrasts.sum()
