"""Whether all parts are well: signs of life, what runs by the clock, metrics."""
