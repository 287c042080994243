"""Ways in: mailed codes, second factors, and whether it is still you."""
