"""A kept connection is looked at before each request, not asked: one round trip less a page.

A server that goes, or ends a connection, says so and closes it, and that can be seen at this end.
On a connection at rest hardly anything else arrives (new settings of the server: then it is made
anew). What cannot be seen, a machine gone without a word, would not answer the question either.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """After an error the server is asked, as by Django itself."""
        if self.connection is None or self.connection.closed or self.errors_occurred:
            return bool(super().is_usable())
        at_this_end = select.poll()
        at_this_end.register(self.connection.fileno(), select.POLLIN)
        return not at_this_end.poll(0)
