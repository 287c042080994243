"""`manage.py run`: everything on one machine, started in order, kept alive, stopped together.

Small on purpose: it loads neither Django nor the apps, since it stays in memory beside them.
"""
