"""Checking and grading of assignments: trusted checks on this side of a pipe, the student's code on the other."""
