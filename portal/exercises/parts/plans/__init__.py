"""Plans: something that two people set aside time for, who sees to it, and how it was for each of them."""
