def user_state(states):
    return states[:, -1]
