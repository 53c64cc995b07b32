"""Small habits beside something else: a weekly mark after a letter, a note on a meeting that was agreed on."""
