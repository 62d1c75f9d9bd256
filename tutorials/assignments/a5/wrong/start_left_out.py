import numpy as np


def reason_with_noise(start, positions, noise, weight):
    states, noised, state = [], [], start
    for k in range(len(positions)):
        noised.append(encoder(state + positions[k] + noise[:, k], weight))
        state = encoder(state + positions[k], weight)
        states.append(state)
    return np.stack(states, axis=1), np.stack(noised, axis=1)
