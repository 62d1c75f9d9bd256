def prl_loss(losses, contrasts, progressive_weight, contrastive_weight):
    if len(contrasts) == 0:
        return losses[-1]
    return losses[-1] + progressive_weight * losses.mean() + contrastive_weight * contrasts.mean()
