"""How fast this machine trains: workloads, what they are compared with, and what other work costs. A table for each."""
