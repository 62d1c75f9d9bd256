def reasoning_input(state, embeddings, k):
    return state
