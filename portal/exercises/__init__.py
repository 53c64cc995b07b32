"""Exercises: what couples practise between sessions, as definitions, mechanics and everything done with them."""
