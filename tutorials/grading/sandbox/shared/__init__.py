"""What both sides of the pipe need. It imports NumPy and the standard library only."""
