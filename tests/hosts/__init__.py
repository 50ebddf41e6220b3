"""Real systemd hosts for tests: containers of systemd-nspawn on a bridge of their own, reached over SSH."""
