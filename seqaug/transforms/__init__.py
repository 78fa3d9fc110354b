"""The augmentations. Each draws numbers for a batch; none touches pixels."""
