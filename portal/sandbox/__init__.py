"""The embedded AWS: moto behind one strict front door, for `make run`, tests and demonstrations."""
