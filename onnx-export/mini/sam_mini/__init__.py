"""The built-in segmenter: SAM 2.1's architecture at a small size, trained on drawn scenes and clips."""
