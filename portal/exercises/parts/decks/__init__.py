"""Decks: the cards of a round, answered alone and opened together; a therapist's own cards among them."""
