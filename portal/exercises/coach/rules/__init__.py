"""The rules of the coach: a module or a table of patterns for each family of codes."""
