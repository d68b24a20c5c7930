"""The version of the SDK."""

__version__ = "1.0.0"
