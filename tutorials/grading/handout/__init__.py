"""What students get: released files, notebooks, and the functions that those call."""
