def user_state(states):
    return states.mean(axis=0)
