"""The map of the house. Read this first; ``docs/architecture.md`` says more.

Arrows point down only: a module may import its own package and what stands below it here, never what stands
above or beside it. import-linter checks this on every run.

    cli            commands; one file for each noun
    sample         the sample world of ``portal demo``, acted out through the same commands as real work
    app            puts the portal together; the only place that lists the rooms
    tables         names every module with tables, for migrations
    reports        what is gathered over the rooms and printed
    home           where each person starts: the partner's day, the therapist's caseload
    exercises      the library, assigning, doing, reviewing; ``mechanics`` holds the kinds of interaction
    questionnaires forms as plain values: items, conditions, validation, scoring, drawing
    people         practices, accounts, couples, invitations, consent, signing in
    web            where Flask enters: pages with guards, forms, errors, headers, templates
    access         who may do what and read what; scope and fence, sealing, the audit trail
    config         the settings
    kit            tools without a word of therapy in them: clock, database, mail, jobs, PDF, charts, text

Inside a room the same, smaller: views > forms > commands > queries > models > domain > mechanics.

Three things to know before the first change:

* ``access/privacy.py`` holds the one table that decides who reads what a person wrote. The check in Python and
  the condition in SQL (``access/filters.py``) are both made from it. Pages, mails and PDFs go through it.
* A room reaches the database through a ``Scope`` (``access/scope.py``): a transaction together with who is
  asking. There is no other way in, and a scope never sees a second practice.
* An exercise is a file in ``exercises/library``. Code is only for a new *kind* of exercise.
"""
