"""An assignment: what its folder holds, how assignment.toml is read, how it is found, and how a student starts it."""
