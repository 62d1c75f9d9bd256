"""One module per command, imported when it is called: its ``command`` parses, calls the library and renders."""
