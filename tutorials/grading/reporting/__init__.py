"""What comes out of a grading: tables, files for other systems, statistics of the class, and similar submissions."""
