"""Forms as data: what a form is, which of its items are asked, what counts as an answer, what it adds up to."""
