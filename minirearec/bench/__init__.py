"""Measure this installation on this machine: training, evaluation, serving, start-up and memory, each beside a roofline.

``session.measure`` yields events. It runs each part (``parts``) in a process of its own (``child``), so that one part's
memory and threads do not show in another's figures.
"""
