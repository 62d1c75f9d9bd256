"""Run directories: what is in one (``directory``, ``checkpoint``), and how a model comes out of it (``opening``)."""
