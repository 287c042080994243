"""Mails that go out by themselves: reminders and the weekly digest."""
