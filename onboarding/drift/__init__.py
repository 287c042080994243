"""Where Identity Center and the team list differ."""
