import numpy as np


def count_scores(training, history, V, window):
    follows, often = np.zeros((V, V)), np.zeros(V)
    for items in training:
        for i in range(len(items)):
            often[items[i]] += 1
            for gap in range(1, window + 1):
                if i + gap < len(items):
                    follows[items[i], items[i + gap]] += 1 / gap
    scores = np.zeros(V)
    for g, item in enumerate(reversed(history), 1):
        if often[item] > 0:
            scores += follows[item] / (g * np.sqrt(often[item]))
    return scores
