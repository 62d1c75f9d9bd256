"""The cards of the data sets: one TOML file for each."""
