"""Set-up that knows: connect, preflight, guide, errors explained, the policy."""
