"""The student's code in its own process: ``outside`` is trusted, ``inside`` is not, ``shared`` is what both need."""
