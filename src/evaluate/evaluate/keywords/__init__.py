"""LVIS and PACO: the class of a region, compared with the answer as sentences and as sets of words."""
