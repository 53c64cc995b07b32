"""Tools without a word of therapy in them: database, clock, jobs, mail, PDF, charts, files, text, definitions."""
