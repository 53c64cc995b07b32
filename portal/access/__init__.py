"""Who may do and see what: viewer, policy, privacy, scope, audit, vault."""
