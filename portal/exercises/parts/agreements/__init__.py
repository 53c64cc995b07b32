"""The pages of a text in clauses that two people negotiate and both sign."""
