"""What billing says to AWS, one module a service."""
