"""The roof: command line, configuration, composition of the roles."""

import os

# numpy's matrices here are small: OpenBLAS's threads wait for each other on a loaded machine (60 times the work).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
