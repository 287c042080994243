"""What founders are told about money."""
