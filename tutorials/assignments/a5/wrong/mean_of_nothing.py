def prl_loss(losses, contrasts, progressive_weight, contrastive_weight):
    return losses[-1] + progressive_weight * losses[:-1].mean() + contrastive_weight * contrasts.mean()
