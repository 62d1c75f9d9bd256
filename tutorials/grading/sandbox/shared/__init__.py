"""What both sides of the pipe need. The untrusted side loads it too: NumPy and the standard library only."""
