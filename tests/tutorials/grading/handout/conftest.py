"""A release of all assignments."""

from tests.tutorials.grading.handout.released import course
