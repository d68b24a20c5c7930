"""What models and parameters are made of."""
