"""The command line: it parses, calls the library once and draws what comes back."""
