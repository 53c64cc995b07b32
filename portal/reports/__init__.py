"""Papers that a therapist keeps: gathered as plain values, set in templates, printed in worker processes."""
