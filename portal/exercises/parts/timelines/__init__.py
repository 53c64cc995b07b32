"""Timelines: the years of two people, told alone and drawn together."""
