"""What the pages show that belong to neither app alone."""
