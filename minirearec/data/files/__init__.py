"""Data files: the text format, tables, the compact folder of a data set, and import and export between them."""
