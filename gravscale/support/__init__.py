"""Small tools that every layer uses."""
