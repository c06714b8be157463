"""Segment Anything 2.1: its checkpoint layout, its graphs, and its computation in plain NumPy."""
