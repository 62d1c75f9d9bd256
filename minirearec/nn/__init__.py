"""The model in PyTorch. Twin: ``minirearec.reference``.

PyTorch is imported here while Python's garbage collector is off, and the many objects that it makes are frozen: the
collector would search them again and again and find nothing, and that took a quarter of the time before ``recommend``
answered.
"""

import gc

collecting = gc.isenabled()
gc.disable()
try:
    import torch  # noqa: F401
    gc.freeze()
finally:
    if collecting:
        gc.enable()
