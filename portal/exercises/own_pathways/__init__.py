"""The editor of pathways of a therapist's own."""
