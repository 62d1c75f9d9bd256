"""The trusted side: starts the process, asks it, times it, and stops it. Never imports ``inside``."""
