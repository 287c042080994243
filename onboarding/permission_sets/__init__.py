"""Who has which AWS account through which permission set."""
