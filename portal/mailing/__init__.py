"""The outbox, and how a mail leaves."""
