"""The untrusted side: the student's process and its fence. Nothing outside imports this package."""
