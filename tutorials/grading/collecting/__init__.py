"""What students handed in: files, notebooks and zips, under any name, as one submission for each student."""
