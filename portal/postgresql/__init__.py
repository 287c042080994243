"""Django's PostgreSQL, whose connections are looked at where Django asks over them."""
