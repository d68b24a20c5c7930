"""One call, step by step."""
