"""The programs that Styx drives, each behind one door."""
