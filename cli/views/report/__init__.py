"""The report: one page with training, metrics, and the models themselves."""
