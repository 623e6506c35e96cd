"""One module a format: a file's bytes to plain data, or every problem in it with its place. No database here."""
