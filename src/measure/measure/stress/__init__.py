"""Tests a server, which it starts, under attack, overload, idle connections and a long mixed run."""
