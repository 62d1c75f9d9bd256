import numpy as np


def step_losses(states, table, targets, taus):
    return np.array([-np.log(np.exp(log_softmax(states[:, k] @ table.T / tau))[np.arange(len(targets)), targets]).mean()
                     for k, tau in enumerate(taus)])
