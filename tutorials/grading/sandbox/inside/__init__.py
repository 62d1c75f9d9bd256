"""The untrusted side: what runs in the student's process, before and around the student's code.

Nothing imports this package: worker.py is started as a script. It imports itself, ``shared``, NumPy and the standard
library, and nothing else of minirearec is within its reach.
"""
