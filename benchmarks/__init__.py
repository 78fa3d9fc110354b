"""Measurements of seqaug beside its peers: `python -m benchmarks`. See `__main__.py`."""
