def allowed_pairs(groups):
    return groups[:, None] != groups[None, :]
