import numpy as np


def count_scores(training, history, V, window):
    follows, often = np.zeros((V, V)), np.zeros(V)
    for items in training:
        for i in range(len(items)):
            often[items[i]] += 1
            for gap in range(1, window + 1):
                if i + gap < len(items):
                    follows[items[i], items[i + gap]] += 1 / gap
    strength = follows / np.sqrt(often)[:, None]
    newest = history[::-1][:window]
    return sum(strength[item] / g for g, item in enumerate(newest, 1))
