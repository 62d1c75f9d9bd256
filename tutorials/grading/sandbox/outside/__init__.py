"""The trusted side: starts the student's process, calls it, times it and stops it. It never imports ``inside``."""
