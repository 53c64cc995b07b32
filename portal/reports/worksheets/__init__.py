"""An exercise on paper: its values, and what each mechanic gives to write on."""
