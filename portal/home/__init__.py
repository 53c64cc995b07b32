"""The rooms' front pages: what needs a therapist, a couple at a glance, and a partner's day."""
