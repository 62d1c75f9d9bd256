"""The student's code in a process of its own: the trusted side outside, the untrusted side inside."""
