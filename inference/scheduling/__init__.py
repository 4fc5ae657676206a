"""Which frames run when: mailboxes, deadlines, run times, plan, admission. No clock, no I/O."""
