"""Measures a Describe Anything server: latency under load, behaviour under stress, memory, and single stages."""
