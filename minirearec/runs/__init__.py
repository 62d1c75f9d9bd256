"""Run directories: what one holds (``directory``, ``checkpoint``), and how to open its model (``opening``)."""
