"""Grade one submission or a folder of them, and report the grades."""
