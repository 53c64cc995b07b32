"""Ladders: graded steps that open only when both are ready, with stopping and stepping back at any time."""
