"""One citizen's call and all who take part in it."""
