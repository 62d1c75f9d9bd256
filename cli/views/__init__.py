"""Draw results with Rich: one module for each thing that is shown."""
