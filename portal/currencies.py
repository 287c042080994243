"""Currencies that are written by their sign; any other follows the amount by its code."""

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
