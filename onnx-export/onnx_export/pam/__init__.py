"""The Perceive Anything Model: its checkpoint layout, its graphs, and its computation in plain NumPy."""
