"""Who uses what: the activity reports, and what founders make of them."""
