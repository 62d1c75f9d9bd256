"""Measure training, evaluation, serving, start-up and memory on this machine, beside what its products allow.

``session.measure`` yields events. It runs each part (``parts``) in a process of its own (``child``), so that one part's
memory and threads do not show in another's figures.
"""
