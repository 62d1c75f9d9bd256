import numpy as np


def kl_matrix(log_probs):
    return -np.einsum("piv,pjv->pij", np.exp(log_probs), log_probs)
