"""Talks in turns: whose turn it is, what was said, and what each of the two is asked alone afterwards."""
