"""Draw assignments, their outcomes, and gradings."""
