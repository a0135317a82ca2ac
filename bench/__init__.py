"""Measurements, always as ratios beside a named peer in the same run: `make bench`. A test shares the raid."""
