"""The queue (ACD): who waits, who is free, who gets whom."""
