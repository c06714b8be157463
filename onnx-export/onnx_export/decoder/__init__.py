"""The language model of any family: Llama and Qwen2 shapes, their graph, and the same in plain NumPy."""
