"""The catalogue: what is known of each data set, getting it, preparing it, loading and verifying it by name."""
