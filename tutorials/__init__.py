"""Tutorial notebooks and graded assignments for miniReaRec; installed as ``minirearec_tutorials``."""
