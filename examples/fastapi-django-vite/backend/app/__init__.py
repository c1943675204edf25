"""The public API of the example."""
