"""Measures a Describe Anything server: latency under load, behaviour under stress, memory, and times of stages."""
