"""p2pkit: read, run, watch, break and mend peer-to-peer protocols."""
