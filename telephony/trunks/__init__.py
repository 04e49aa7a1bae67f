"""Providers' lines: calls in and out, numbers, failover."""
