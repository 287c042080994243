"""Webhooks: what founders want to be told of, in a channel or program of theirs."""
