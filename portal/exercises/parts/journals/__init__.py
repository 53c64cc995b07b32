"""Journals: entries that are their writer's alone, until one of them is shared."""
