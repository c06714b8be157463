"""Measures what a server does when it is attacked, overloaded or left waiting. Uses benchmark's client and doorcheck's process."""
