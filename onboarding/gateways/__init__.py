"""What onboarding says to AWS, one module a service."""
