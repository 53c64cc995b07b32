"""Practices, accounts, couples, invitations, consent and signing in."""
