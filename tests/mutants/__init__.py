"""Guards that can fail: each is taken away in turn, and a test has to turn red."""
